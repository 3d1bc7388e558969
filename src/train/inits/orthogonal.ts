import { defineInit, fillNormal } from './_define.ts'

/**
 * A random matrix with orthonormal columns, or rows where there are fewer of them: the Q of a matrix of normal numbers, with
 * the signs that make R's diagonal positive, so that all such matrices are equally likely (Mezzadri 2007). A tensor of more
 * axes is taken as the matrix [all but the last, last].
 */
export default defineInit({
  type: 'orthogonal',
  source: 'Saxe, McClelland & Ganguli 2014; torch.nn.init.orthogonal_',
  fill({ values, columns }, random) {
    const rows = values.length / Math.max(columns, 1)
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
    // `count` vectors of `length` numbers, one behind the other.
    const vectors = new Float64Array(values.length)
    fillNormal(vectors, random, 1)
    orthonormalise(vectors, count, length)
    if (rows < columns) values.set(vectors)
    else
      for (let j = 0; j < count; j++)
        for (let i = 0; i < length; i++) values[i * columns + j] = vectors[j * length + i] as number
  },
})

/**
 * Gram and Schmidt, in the modified order and twice over, which keeps it exact to rounding (Giraud, Langou & Rozložník 2005).
 * Each vector is only divided by its length, so R's diagonal is positive.
 */
function orthonormalise(vectors: Float64Array, count: number, length: number): void {
  for (let j = 0; j < count; j++) {
    const own = vectors.subarray(j * length, (j + 1) * length)
    for (let pass = 0; pass < 2; pass++)
      for (let k = 0; k < j; k++) {
        const other = vectors.subarray(k * length, (k + 1) * length)
        const share = dot(own, other)
        for (let i = 0; i < length; i++) own[i] = (own[i] as number) - share * (other[i] as number)
      }
    const size = Math.sqrt(dot(own, own))
    for (let i = 0; i < length; i++) own[i] = (own[i] as number) / size
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
