/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. Axis 0 of every value on a wire is the batch. */
export type Shape = readonly number[]

/** Number of elements; 1 for a scalar. Exact up to 2^53, which is checked where shapes are made. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const axis of shape) size *= axis
  return size
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i])
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride
    stride *= shape[i] ?? 1
  }
  return strides
}

/** `[2, 3]`, for messages and printed forms. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** `B × 28 × 28 × 1`, as on a wire: the first axis of every value there is the batch, whatever its size. */
export function showBatch(shape: Shape): string {
  return shape.length === 0 ? 'number' : ['B', ...shape.slice(1)].join(' × ')
}

/** `412 MB`: decimal units, three significant figures at most. */
export function showBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`
}
