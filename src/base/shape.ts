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

/**
 * What the axes of a value are called, by how many there are: [batch], [batch, features], [batch, steps, features] (sequences, and
 * rows of any kind), [batch, height, width, channels] (pictures). Beyond four, those in the middle have only numbers:
 * [batch, axis 1, axis 2, axis 3, channels]. None for a single number.
 */
export function axisNames(shape: Shape): readonly string[] {
  switch (shape.length) {
    case 0:
      return []
    case 1:
      return ['batch']
    case 2:
      return ['batch', 'features']
    case 3:
      return ['batch', 'steps', 'features']
    case 4:
      return ['batch', 'height', 'width', 'channels']
    default:
      return shape.map((_, i) => (i === 0 ? 'batch' : i === shape.length - 1 ? 'channels' : `axis ${i}`))
  }
}

/** `batch × height 28 × width 28 × channels 8`, for titles and for who listens. */
export function showAxes(shape: Shape): string {
  const names = axisNames(shape)
  return shape.length === 0
    ? 'a single number'
    : names.map((name, i) => (i === 0 ? name : `${name} ${shape[i]}`)).join(' × ')
}
