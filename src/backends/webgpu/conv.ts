/**
 * Convolution and its two adjoints as products whose operands are read where they lie: which pixel a row and a step along k
 * mean is arithmetic. Each group of channels is a product of its own.
 */
import { emitExpression, expressionViews, siteAt } from './expression.ts'
import { split, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { productCode, type Operand, type Product } from './product.ts'

type Conv = KernelOf<'conv'>

/** A product without what all have in common, and the four positions in the result of row i and column j. */
type Shaped = Pick<Product, 'm' | 'n' | 'k' | 'a' | 'b'> & { readonly positions: readonly string[] }

/**
 * The element of x at output pixel (`pixel`0, 1, 2: image, row, column) and tap (`tap`0, 1, 2: row, column, channel of the
 * group); 0 where the tap lies in the padding.
 */
function elementOfX({ x: [, height, width, channels], w: [, , inner], geometry }: Conv): string[] {
  const { stride, dilation, padding } = geometry
  return [
    `let row = pixel1 * ${stride[0]} + tap0 * ${dilation[0]} - ${padding[0][0]};`,
    `let column = pixel2 * ${stride[1]} + tap1 * ${dilation[1]} - ${padding[1][0]};`,
    `if (row < 0 || row >= ${height} || column < 0 || column >= ${width}) { return 0.0; }`,
    `let at = ((pixel0 * ${height} + row) * ${width} + column) * ${channels} + z * ${inner} + tap2;`,
    'return bitcast<f32>(arena[place + at]);',
  ]
}

/** The element of y in a row of filters. */
function elementOfY({ y: [, , , filters], geometry: { groups } }: Conv, pixel: string, filter: string): string[] {
  return [`return bitcast<f32>(arena[place + ${pixel} * ${filters} + z * ${filters / groups} + ${filter}]);`]
}

const shaped: { readonly [Variant in Conv['variant']]: (kernel: Conv) => Shaped } = {
  forward: (kernel) => {
    const [height, width, inner, filters] = kernel.w
    const [images, rows, columns] = kernel.y
    const each = filters / kernel.geometry.groups
    const a: Operand = {
      element: [
        ...split('line', [images, rows, columns], 'pixel'),
        ...split('k', [height, width, inner], 'tap'),
        ...elementOfX(kernel),
      ],
      sideBySide: 'k',
    }
    const b: Operand = {
      element: [`return bitcast<f32>(arena[place + k * ${filters} + z * ${each} + line]);`],
      sideBySide: 'line',
    }
    const positions = ['pixel0', 'pixel1', 'pixel2', `(z * ${each} + j)`]
    return { m: images * rows * columns, n: each, k: height * width * inner, a, b, positions }
  },
  // x[i, row, column] meets tap (u, v) of the pixel of y at (row + padding - u * dilation) / stride, where that is one.
  inputGradient: (kernel) => {
    const [height, width, inner, filters] = kernel.w
    const [images, xRows, xColumns] = kernel.x
    const [, rows, columns] = kernel.y
    const { stride, dilation, padding, groups } = kernel.geometry
    const each = filters / groups
    const tap = split('k', [height, width, each], 'tap')
    const inside = (axis: 0 | 1, size: number): string => {
      const from = `from${axis}`
      const even = stride[axis] === 1 ? '' : ` || ${from} % ${stride[axis]} != 0`
      return `if (${from} < 0 || ${from} >= ${size * stride[axis]}${even}) { return 0.0; }`
    }
    const a: Operand = {
      element: [
        ...split('line', [images, xRows, xColumns], 'pixel'),
        ...tap,
        `let from0 = pixel1 + ${padding[0][0]} - tap0 * ${dilation[0]};`,
        inside(0, rows),
        `let from1 = pixel2 + ${padding[1][0]} - tap1 * ${dilation[1]};`,
        inside(1, columns),
        `let pixel = (pixel0 * ${rows} + from0 / ${stride[0]}) * ${columns} + from1 / ${stride[1]};`,
        ...elementOfY(kernel, 'pixel', 'tap2'),
      ],
      sideBySide: 'k',
    }
    const b: Operand = {
      element: [
        ...tap,
        `let weight = ((tap0 * ${width} + tap1) * ${inner} + line) * ${filters} + z * ${each} + tap2;`,
        'return bitcast<f32>(arena[place + weight]);',
      ],
      sideBySide: 'k',
    }
    const positions = ['pixel0', 'pixel1', 'pixel2', `(z * ${inner} + j)`]
    return { m: images * xRows * xColumns, n: inner, k: height * width * each, a, b, positions }
  },
  weightGradient: (kernel) => {
    const [height, width, inner, filters] = kernel.w
    const [images, rows, columns] = kernel.y
    const each = filters / kernel.geometry.groups
    const a: Operand = {
      element: [
        ...split('k', [images, rows, columns], 'pixel'),
        ...split('line', [height, width, inner], 'tap'),
        ...elementOfX(kernel),
      ],
      sideBySide: 'line',
    }
    const b: Operand = { element: elementOfY(kernel, 'k', 'line'), sideBySide: 'line' }
    const positions = ['pixel0', 'pixel1', 'pixel2', `(z * ${each} + j)`]
    return { m: height * width * inner, n: each, k: images * rows * columns, a, b, positions }
  },
}

/** Sizes of the result's first three axes, which its rows number. */
const rowAxes = ({ variant, x, w, y }: Conv): readonly number[] =>
  ({ forward: y, inputGradient: x, weightGradient: w })[variant].slice(0, 3)

export const conv: KernelEmitter<Conv> = {
  views: (kernel) => [kernel.a, kernel.b, ...expressionViews(kernel.epilogue)],
  emit: (kernel) => {
    const { epilogue, geometry } = kernel
    const { positions, ...product } = shaped[kernel.variant](kernel)
    return productCode({
      ...product,
      batch: geometry.groups,
      views: 2 + expressionViews(epilogue).length,
      finish: (library) => [
        ...split('i', rowAxes(kernel), 'pixel'),
        ...emitExpression(library, epilogue, siteAt(epilogue, 2, positions, 'result')),
      ],
    })
  },
}
