/**
 * Operands and parameters to try for every primitive. The table is exhaustive: a new primitive does not compile here until
 * it has cases, and with them its differentiation rule is checked, and that the check would notice a wrong one.
 */
import { Rng } from '../../src/base/rng.ts'
import type { Shape } from '../../src/base/shape.ts'
import type { Builder, Tensor } from '../../src/ir/builder.ts'
import type { ConvGeometry, Dtype, Pair, Primitive, PrimitiveParams, Window } from '../../src/ir/program.ts'
import { slide } from '../../src/ir/shapes.ts'
import type { Differentiable } from '../../src/ir/vjp.ts'
import type { Input } from '../helpers/gradients.ts'
import { numbers, type Kind } from '../helpers/random.ts'

export interface Case<P extends Differentiable = Differentiable> {
  readonly name: string
  readonly params: PrimitiveParams[P]
  readonly inputs: readonly Input[]
}

export interface Cases<P extends Differentiable = Differentiable> {
  readonly cases: readonly Case<P>[]
  /** Operands in which the result is linear, the others held fast. */
  readonly linear: readonly number[]
  /** `checked`: by differences. `nothing`: flows nowhere, and differences are 0 as well. `stopped`: by definition. */
  readonly gradient: 'checked' | 'nothing' | 'stopped'
}

/** Scalars, nothing, one, odd, long and thin, deep. */
export const SHAPES: readonly Shape[] = [
  [],
  [1],
  [0],
  [3],
  [2, 3],
  [1, 5],
  [4, 1],
  [3, 0],
  [7, 5],
  [2, 3, 4],
  [1, 1, 1],
  [3, 2, 0, 2],
  [2, 1, 3, 2],
  [2, 2, 2, 2],
]

type Operand = readonly [shape: Shape, kind?: Kind, dtype?: Dtype]

function one<P extends Differentiable>(
  name: string,
  params: PrimitiveParams[P],
  operands: readonly Operand[],
): Case<P> {
  const rng = new Rng(1, 'case', name, JSON.stringify(params))
  const inputs = operands.map(([shape, kind = 'normal', dtype = 'float']) => ({
    shape,
    dtype,
    data: numbers(rng, shape, kind),
  }))
  return { name: `${operands.map(([shape]) => `[${shape.join(',')}]`).join(' ')} ${name}`.trim(), params, inputs }
}

type Plain = {
  [P in Primitive]: PrimitiveParams[P] extends Readonly<Record<string, never>> ? P : never
}[Primitive]

/** The same kinds of operands over all shapes. */
function everywhere<P extends Plain>(
  kinds: readonly Kind[],
  linear: readonly number[] = [],
  gradient: Cases['gradient'] = 'checked',
): Cases<P> {
  const cases = SHAPES.map((shape) =>
    one<P>(
      '',
      {},
      kinds.map((kind) => [shape, kind]),
    ),
  )
  return { cases, linear, gradient }
}

/** Two operands of the same shape that are nowhere close to each other. */
function unequal<P extends Plain>(gradient: Cases['gradient'] = 'checked'): Cases<P> {
  const cases = SHAPES.map((shape): Case<P> => {
    const made = one<P>('', {}, [[[2, ...shape], 'distinct']])
    const both = made.inputs[0]?.data ?? new Float64Array()
    const half = both.length / 2
    const inputs = [both.slice(0, half), both.slice(half)].map((data) => ({ shape, dtype: 'float' as const, data }))
    return { ...made, name: `[${shape.join(',')}]`, inputs }
  })
  return { cases, linear: [], gradient }
}

/** A whole, the first element of a part, the part. */
const PARTS: readonly (readonly [Shape, readonly number[], Shape])[] = [
  [[3], [1], [2]],
  [[3], [0], [1]],
  [[1], [0], [1]],
  [[2], [1], [0]],
  [
    [4, 3],
    [1, 0],
    [2, 3],
  ],
  [
    [4, 3],
    [1, 2],
    [3, 1],
  ],
  [
    [2, 5],
    [0, 1],
    [2, 3],
  ],
  [
    [5, 7],
    [2, 3],
    [1, 1],
  ],
  [
    [0, 3],
    [0, 1],
    [0, 2],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
    [1, 3, 2],
  ],
  [
    [2, 3, 4],
    [0, 1, 0],
    [2, 1, 4],
  ],
  [
    [2, 4, 3, 2],
    [0, 1, 1, 0],
    [2, 2, 1, 2],
  ],
  [
    [1, 1, 6],
    [0, 0, 5],
    [1, 1, 1],
  ],
]

const JOINED: readonly (readonly [number, readonly Shape[]])[] = [
  [0, [[2], [3]]],
  [0, [[1], [1], [1]]],
  [0, [[2], [0], [1]]],
  [0, [[4]]],
  [
    0,
    [
      [1, 3],
      [2, 3],
    ],
  ],
  [
    1,
    [
      [2, 1],
      [2, 4],
    ],
  ],
  [
    1,
    [
      [3, 2],
      [3, 2],
      [3, 5],
      [3, 1],
    ],
  ],
  [
    1,
    [
      [0, 2],
      [0, 3],
    ],
  ],
  [
    2,
    [
      [2, 3, 1],
      [2, 3, 2],
    ],
  ],
  [
    1,
    [
      [2, 2, 3],
      [2, 1, 3],
    ],
  ],
  [
    3,
    [
      [2, 2, 3, 1],
      [2, 2, 3, 4],
    ],
  ],
  [
    0,
    [
      [1, 1, 1],
      [5, 1, 1],
    ],
  ],
]

/** Every way to choose axes of a shape that says something new. */
const REDUCED: readonly (readonly [Shape, readonly number[]])[] = [
  [[3], [0]],
  [[1], [0]],
  [[2, 3], [0]],
  [[2, 3], [1]],
  [
    [2, 3],
    [0, 1],
  ],
  [[7, 5], [0]],
  [[1, 5], [1]],
  [[4, 1], [0]],
  [[2, 3, 4], [1]],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [
    [2, 3, 2, 2],
    [0, 1, 2],
  ],
  [[0, 3], [1]],
]

const GEOMETRIES: readonly (ConvGeometry & { readonly x: Shape; readonly w: Shape })[] = (
  [
    { x: [1, 1, 1, 1], w: [1, 1, 1, 1] },
    { x: [2, 3, 4, 2], w: [2, 3, 2, 3] },
    { x: [2, 5, 4, 1], w: [3, 2, 1, 2], stride: [2, 1] },
    { x: [1, 4, 6, 2], w: [3, 3, 2, 1], stride: [1, 3] },
    {
      x: [2, 3, 3, 1],
      w: [3, 3, 1, 2],
      padding: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      x: [2, 4, 3, 2],
      w: [2, 3, 2, 2],
      padding: [
        [0, 1],
        [2, 0],
      ],
    },
    { x: [1, 6, 5, 1], w: [2, 2, 1, 2], dilation: [3, 2] },
    {
      x: [2, 5, 5, 1],
      w: [3, 2, 1, 1],
      dilation: [2, 1],
      stride: [2, 2],
      padding: [
        [1, 2],
        [0, 1],
      ],
    },
    { x: [2, 3, 3, 4], w: [2, 2, 2, 6], groups: 2 },
    {
      x: [1, 4, 3, 3],
      w: [3, 1, 1, 3],
      groups: 3,
      stride: [1, 2],
      padding: [
        [2, 1],
        [0, 0],
      ],
    },
    { x: [2, 2, 2, 2], w: [1, 1, 2, 3], stride: [3, 3] },
    { x: [2, 7, 6, 1], w: [3, 3, 1, 1], stride: [3, 2] },
    { x: [0, 3, 3, 1], w: [2, 2, 1, 2] },
  ] as const
).map((given) => ({
  stride: [1, 1],
  dilation: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  groups: 1,
  ...given,
}))

function convShapes({ x, w, stride, padding, dilation }: (typeof GEOMETRIES)[number]): Shape {
  const [batch = 0, height = 0, width = 0] = x
  const [kh = 0, kw = 0, , filters = 0] = w
  const rows = slide(height, kh, stride[0], padding[0], dilation[0])
  return [batch, rows, slide(width, kw, stride[1], padding[1], dilation[1]), filters]
}

const geometryOf = ({ stride, dilation, padding, groups }: ConvGeometry): ConvGeometry => ({
  stride,
  dilation,
  padding,
  groups,
})

const WINDOWS: readonly (Window & { readonly x: Shape })[] = (
  [
    { x: [1, 1, 1, 1], size: [1, 1] },
    { x: [2, 4, 4, 1], size: [2, 2], stride: [2, 2] },
    { x: [2, 5, 4, 2], size: [2, 2], stride: [2, 2] },
    { x: [2, 4, 6, 3], size: [2, 3], stride: [2, 3] },
    { x: [2, 4, 5, 1], size: [3, 3] },
    {
      x: [1, 3, 5, 2],
      size: [3, 2],
      stride: [1, 2],
      padding: [
        [1, 1],
        [0, 1],
      ],
    },
    {
      x: [2, 3, 3, 1],
      size: [2, 2],
      padding: [
        [1, 0],
        [0, 1],
      ],
    },
    { x: [1, 6, 5, 1], size: [2, 2], stride: [3, 3] },
    { x: [2, 2, 3, 2], size: [2, 3] },
    {
      x: [1, 7, 1, 1],
      size: [3, 1],
      stride: [2, 1],
      padding: [
        [1, 1],
        [0, 0],
      ],
    },
    { x: [0, 4, 4, 1], size: [2, 2], stride: [2, 2] },
    { x: [2, 3, 4, 3], size: [3, 4], stride: [1, 1] },
  ] as const
).map((given) => ({
  stride: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  ...given,
}))

function pooled({ x, size, stride, padding }: (typeof WINDOWS)[number]): Shape {
  const [batch = 0, height = 0, width = 0, channels = 0] = x
  const rows = slide(height, size[0], stride[0], padding[0])
  return [batch, rows, slide(width, size[1], stride[1], padding[1]), channels]
}
const windowOf = ({ size, stride, padding }: Window): Window => ({ size, stride, padding })
const middle = (shape: Shape): Pair => [shape[1] ?? 0, shape[2] ?? 0]

type Contraction = readonly [Shape, Shape, PrimitiveParams['dot']]
const CONTRACTIONS: readonly Contraction[] = [
  [[2, 3], [3, 4], { contract: [[1], [0]], batch: [[], []] }],
  [[1, 1], [1, 1], { contract: [[1], [0]], batch: [[], []] }],
  [[5, 7], [7, 1], { contract: [[1], [0]], batch: [[], []] }],
  [[3, 5], [3, 2], { contract: [[0], [0]], batch: [[], []] }],
  [[3, 5], [2, 5], { contract: [[1], [1]], batch: [[], []] }],
  [[5, 3], [2, 5], { contract: [[0], [1]], batch: [[], []] }],
  [[4], [4], { contract: [[0], [0]], batch: [[], []] }],
  [[3], [2], { contract: [[], []], batch: [[], []] }],
  [[2, 3, 4], [4, 5], { contract: [[2], [0]], batch: [[], []] }],
  [[2, 3, 4], [2, 4, 5], { contract: [[2], [1]], batch: [[0], [0]] }],
  [[3, 2, 4], [4, 5, 3], { contract: [[2], [0]], batch: [[0], [2]] }],
  [
    [2, 3, 4],
    [4, 3, 5],
    {
      contract: [
        [1, 2],
        [1, 0],
      ],
      batch: [[], []],
    },
  ],
  [
    [2, 3, 2, 3],
    [3, 2, 3, 2],
    {
      contract: [
        [3, 1],
        [0, 2],
      ],
      batch: [[0], [3]],
    },
  ],
  [[0, 3], [3, 2], { contract: [[1], [0]], batch: [[], []] }],
  [[2, 0], [0, 3], { contract: [[1], [0]], batch: [[], []] }],
]

export const primitiveCases: { readonly [P in Differentiable]: Cases<P> } = {
  constant: {
    cases: [one('2.5', { value: 2.5, dtype: 'float' }, []), one('3', { value: 3, dtype: 'int' }, [])],
    linear: [],
    gradient: 'nothing',
  },
  iota: { cases: [0, 1, 5].map((length) => one(String(length), { length }, [])), linear: [], gradient: 'nothing' },
  neg: everywhere(['normal'], [0]),
  exp: everywhere(['normal']),
  log: everywhere(['positive']),
  tanh: everywhere(['normal']),
  sqrt: everywhere(['positive']),
  abs: everywhere(['apart']),
  isFinite: everywhere(['normal'], [], 'nothing'),
  stopGradient: everywhere(['normal'], [], 'stopped'),
  convert: {
    cases: SHAPES.map((shape) => one('to int', { to: 'int' }, [[shape, 'fraction']])),
    linear: [],
    gradient: 'nothing',
  },
  add: everywhere(['normal', 'normal'], [0, 1]),
  sub: everywhere(['normal', 'normal'], [0, 1]),
  mul: everywhere(['normal', 'normal'], [0, 1]),
  div: everywhere(['normal', 'positive'], [0]),
  max: unequal(),
  min: unequal(),
  less: unequal('nothing'),
  equal: unequal('nothing'),
  select: everywhere(['bit', 'normal', 'normal'], [1, 2]),
  sum: {
    cases: REDUCED.map(([shape, axes]) => one(`over ${axes.join()}`, { axes }, [[shape]])),
    linear: [0],
    gradient: 'checked',
  },
  reduceMax: {
    cases: REDUCED.filter(([shape, axes]) => axes.every((axis) => shape[axis] !== 0)).map(([shape, axes]) =>
      one(`over ${axes.join()}`, { axes }, [[shape, 'distinct']]),
    ),
    linear: [],
    gradient: 'checked',
  },
  argMax: {
    cases: REDUCED.map(([shape, axes]) => one(`over ${axes[0]}`, { axis: axes[0] ?? 0 }, [[shape, 'distinct']])),
    linear: [],
    gradient: 'nothing',
  },
  reshape: {
    cases: (
      [
        [[], [1]],
        [[1], []],
        [[6], [2, 3]],
        [
          [2, 3],
          [3, 2],
        ],
        [[2, 3], [6]],
        [
          [2, 3],
          [2, 1, 3],
        ],
        [
          [2, 1, 3],
          [2, 3],
        ],
        [
          [2, 3, 4],
          [2, 12],
        ],
        [
          [2, 3, 4],
          [4, 3, 2],
        ],
        [
          [0, 3],
          [3, 0],
        ],
        [
          [7, 5],
          [5, 7],
        ],
        [[1, 1, 1], [1]],
        [
          [2, 2, 2, 2],
          [4, 4],
        ],
      ] as const
    ).map(([from, to]) => one(`to [${to.join()}]`, { shape: to }, [[from]])),
    linear: [0],
    gradient: 'checked',
  },
  transpose: {
    cases: (
      [
        [[3], [0]],
        [
          [2, 3],
          [1, 0],
        ],
        [
          [1, 5],
          [1, 0],
        ],
        [
          [4, 1],
          [1, 0],
        ],
        [
          [3, 0],
          [1, 0],
        ],
        [
          [7, 5],
          [1, 0],
        ],
        [
          [2, 3, 4],
          [2, 0, 1],
        ],
        [
          [2, 3, 4],
          [1, 2, 0],
        ],
        [
          [2, 3, 4],
          [0, 2, 1],
        ],
        [
          [1, 1, 1],
          [2, 1, 0],
        ],
        [
          [2, 1, 3, 2],
          [3, 1, 0, 2],
        ],
        [
          [2, 3, 2, 2],
          [1, 3, 2, 0],
        ],
        [
          [2, 3, 2, 2],
          [0, 3, 1, 2],
        ],
      ] as const
    ).map(([shape, order]) => one(`as ${order.join()}`, { order }, [[shape]])),
    linear: [0],
    gradient: 'checked',
  },
  broadcast: {
    cases: (
      [
        [[], [3], []],
        [[], [2, 3], []],
        [[3], [2, 3], [1]],
        [[2], [2, 3], [0]],
        [[1], [1, 4], [0]],
        [
          [2, 3],
          [2, 4, 3],
          [0, 2],
        ],
        [
          [2, 3],
          [4, 2, 3],
          [1, 2],
        ],
        [[3], [2, 3, 2], [1]],
        [[3], [0, 3], [1]],
        [
          [2, 3],
          [2, 3, 2, 1],
          [0, 1],
        ],
        [[5], [7, 5], [1]],
        [[7], [7, 5], [0]],
      ] as const
    ).map(([from, shape, axes]) => one(`to [${shape.join()}] at ${axes.join()}`, { shape, axes }, [[from]])),
    linear: [0],
    gradient: 'checked',
  },
  dot: {
    cases: CONTRACTIONS.map(([a, b, params]) => one(JSON.stringify(params), params, [[a], [b]])),
    linear: [0, 1],
    gradient: 'checked',
  },
  conv: {
    cases: GEOMETRIES.map((given) => one(describe(given), geometryOf(given), [[given.x], [given.w]])),
    linear: [0, 1],
    gradient: 'checked',
  },
  convInputGradient: {
    cases: GEOMETRIES.map((given) =>
      one(describe(given), { ...geometryOf(given), input: middle(given.x) }, [[convShapes(given)], [given.w]]),
    ),
    linear: [0, 1],
    gradient: 'checked',
  },
  convWeightGradient: {
    cases: GEOMETRIES.map((given) =>
      one(describe(given), { ...geometryOf(given), kernel: [given.w[0] ?? 0, given.w[1] ?? 0] }, [
        [given.x],
        [convShapes(given)],
      ]),
    ),
    linear: [0, 1],
    gradient: 'checked',
  },
  maxPool: {
    cases: WINDOWS.map((given) => one(describe(given), windowOf(given), [[given.x, 'distinct']])),
    linear: [],
    gradient: 'checked',
  },
  maxPoolGradient: {
    cases: WINDOWS.map((given) => one(describe(given), windowOf(given), [[given.x, 'distinct'], [pooled(given)]])),
    linear: [1],
    gradient: 'checked',
  },
  maxPoolTangent: {
    cases: WINDOWS.map((given) => one(describe(given), windowOf(given), [[given.x, 'distinct'], [given.x]])),
    linear: [1],
    gradient: 'checked',
  },
  sumPool: {
    cases: WINDOWS.map((given) => one(describe(given), windowOf(given), [[given.x]])),
    linear: [0],
    gradient: 'checked',
  },
  sumPoolGradient: {
    cases: WINDOWS.map((given) =>
      one(describe(given), { ...windowOf(given), input: middle(given.x) }, [[pooled(given)]]),
    ),
    linear: [0],
    gradient: 'checked',
  },
  take: {
    cases: tables().map(([rows, indices]) => one('', {}, [[rows], [indices, { below: rows[0] ?? 1 }, 'int']])),
    linear: [0],
    gradient: 'checked',
  },
  scatterRows: {
    cases: tables().map(([rows, indices]) =>
      one('', { rows: rows[0] ?? 1 }, [[indices, { below: rows[0] ?? 1 }, 'int'], [[...indices, ...rows.slice(1)]]]),
    ),
    linear: [1],
    gradient: 'checked',
  },
  slice: {
    cases: PARTS.map(([shape, start, part]) => one('', { start, shape: part }, [[shape]])),
    linear: [0],
    gradient: 'checked',
  },
  pad: {
    cases: PARTS.map(([whole, start, part], i) =>
      one(
        '',
        {
          before: start,
          after: whole.map((size, axis) => size - (start[axis] ?? 0) - (part[axis] ?? 0)),
          value: i % 3 === 0 ? 0 : 1.5,
        },
        [[part]],
      ),
    ),
    linear: [],
    gradient: 'checked',
  },
  concat: {
    cases: JOINED.map(([axis, shapes]) =>
      one(
        '',
        { axis },
        shapes.map((shape): Operand => [shape]),
      ),
    ),
    linear: [],
    gradient: 'checked',
  },
  random: {
    cases: SHAPES.map((shape) =>
      one('', { stream: 3 + shape.length }, [
        [shape, { below: 100 }, 'int'],
        [shape, { below: 100 }, 'int'],
        [shape, { below: 100 }, 'int'],
      ]),
    ),
    linear: [],
    gradient: 'nothing',
  },
}

/** Tables and the indices into them. */
function tables(): readonly (readonly [Shape, Shape])[] {
  return [
    [[3], [2]],
    [[1], [1]],
    [[1, 1], [3]],
    [[4, 3], [2]],
    [[4, 3], [7]],
    [[2, 5], [1]],
    [[5, 2, 3], [4]],
    [[3, 2, 1, 2], [5]],
    [[4, 0], [2]],
    [[4, 3], [0]],
    [[5, 1], [5]],
    [
      [6, 2],
      [2, 3],
    ],
    [[3], [2, 2]],
  ]
}

function describe(given: Partial<ConvGeometry & Window>): string {
  return Object.entries({ ...given, x: undefined, w: undefined })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${JSON.stringify(value)}`]))
    .join(' ')
}

/** Emits the primitive of a case. */
export function emit<P extends Differentiable>(
  g: Builder,
  primitive: P,
  { params }: Case<P>,
  inputs: readonly Tensor[],
): Tensor {
  return g.emit(primitive, inputs, params)
}
