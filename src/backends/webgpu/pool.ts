/**
 * Pooling windows over [n, h, w, c], an invocation for each element of the result. Gradients gather: each element of the
 * image looks through the windows that it lies in, so no two invocations add to one place. A maximum is the first one in
 * reading order; a NaN counts as greater than every number. Both are compared as ints of the same order.
 */
import { sizeOf } from '../../base/shape.ts'
import { NO_CODE, split, type KernelCode, type KernelEmitter, type KernelOf } from './kernel-code.ts'
import { INVOCATIONS } from './map.ts'
import { Library, shader } from './shader.ts'

type Pool = KernelOf<'pool'>

/** Runs through the part of the window at `row`, `column` of y that lies inside, with `at` in x. */
function eachInside(
  { x: [, height, width, channels], window: { size, stride, padding } }: Pool,
  body: string[],
): string[] {
  return [
    `let top = row * ${stride[0]} - ${padding[0][0]};`,
    `let left = column * ${stride[1]} - ${padding[1][0]};`,
    `for (var u = max(top, 0); u < min(top + ${size[0]}, ${height}); u++) {`,
    `  for (var v = max(left, 0); v < min(left + ${size[1]}, ${width}); v++) {`,
    `    let at = ((image * ${height} + u) * ${width} + v) * ${channels} + channel;`,
    ...body.map((line) => `    ${line}`),
    '  }',
    '}',
  ]
}

/** Where the first maximum of a window is, or -1. */
function winner(kernel: Pool, library: Library): string {
  const order = library.use('orderOf')
  return [
    'fn winner(place: i32, image: i32, row: i32, column: i32, channel: i32) -> i32 {',
    '  var best = 0;',
    '  var found = -1;',
    ...eachInside(kernel, [
      `let value = bitcast<f32>(arena[place + at]);`,
      // Zeros are equal, whatever their sign.
      `let key = ${order}(select(value, 0.0, value == 0.0));`,
      'if (found < 0 || key > best) { best = key; found = at; }',
    ]).map((line) => `  ${line}`),
    '  return found;',
    '}',
  ].join('\n')
}

/** Runs through the windows, `row` and `column` of y, in which the element `pixel` of x lies. */
function eachWindow({ y: [, rows, columns], window: { size, stride, padding } }: Pool, body: string[]): string[] {
  // The first window that reaches so far: (position + padding - size) / stride, rounded down, plus 1.
  const first = (position: string, axis: 0 | 1) =>
    `max(0, (${position} + ${padding[axis][0] - size[axis] + stride[axis] * size[axis]}) / ${stride[axis]} - ${size[axis] - 1})`
  const last = (position: string, axis: 0 | 1) => `(${position} + ${padding[axis][0]}) / ${stride[axis]}`
  return [
    `for (var row = ${first('pixel1', 0)}; row <= min(${last('pixel1', 0)}, ${rows - 1}); row++) {`,
    `  for (var column = ${first('pixel2', 1)}; column <= min(${last('pixel2', 1)}, ${columns - 1}); column++) {`,
    ...body.map((line) => `    ${line}`),
    '  }',
    '}',
  ]
}

function code(kernel: Pool): KernelCode {
  const { op, x, y, inputs } = kernel
  const toX = op === 'maxGradient' || op === 'sumGradient'
  const result = toX ? x : y
  const size = sizeOf(result)
  if (size === 0) return NO_CODE
  const library = new Library()
  const output = `p${inputs.length}`
  const store = (bits: string) => `arena[${output} + i] = ${bits};`
  const yAt = `((image * ${y[1]} + row) * ${y[2]} + column) * ${y[3]} + channel`
  const place = toX ? [] : ['let row = pixel1;', 'let column = pixel2;']
  const work: { readonly [Op in Pool['op']]: () => string[] } = {
    max: () => [
      'let found = winner(p0, image, row, column, channel);',
      store('select(0xff800000u, arena[p0 + max(found, 0)], found >= 0)'),
    ],
    maxTangent: () => [
      'let found = winner(p0, image, row, column, channel);',
      store('select(0u, arena[p1 + max(found, 0)], found >= 0)'),
    ],
    maxGradient: () => [
      'var total = 0.0;',
      ...eachWindow(kernel, [
        `if (winner(p0, image, row, column, channel) == i) { total += bitcast<f32>(arena[p1 + ${yAt}]); }`,
      ]),
      store('bitcast<u32>(total)'),
    ],
    sum: () => [
      'var total = 0.0;',
      ...eachInside(kernel, ['total += bitcast<f32>(arena[p0 + at]);']),
      store('bitcast<u32>(total)'),
    ],
    sumGradient: () => [
      'var total = 0.0;',
      ...eachWindow(kernel, [`total += bitcast<f32>(arena[p0 + ${yAt}]);`]),
      store('bitcast<u32>(total)'),
    ],
  }
  const declarations = op.startsWith('max') ? [winner(kernel, library)] : []
  const groups = Math.ceil(size / INVOCATIONS)
  const body = [
    `let i = group * ${INVOCATIONS} + lane;`,
    `if (i >= ${size}) { return; }`,
    ...split('i', result, 'pixel'),
    'let image = pixel0;',
    'let channel = pixel3;',
    ...place,
    ...work[op](),
  ]
  const places = inputs.length + 1
  return {
    passes: [{ code: shader({ places, invocations: INVOCATIONS, groups, library, declarations, body }), groups }],
    scratch: 0,
  }
}

export const pool: KernelEmitter<Pool> = { views: (kernel) => [...kernel.inputs, kernel.output], emit: code }
