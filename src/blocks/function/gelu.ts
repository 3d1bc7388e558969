import { choice } from '../../base/params.ts'
import type { Tensor } from '../../ir/builder.ts'
import { defineBlock, type BlockBuilder } from '../define.ts'

/** sqrt(2 / pi) and the cubic's factor of the paper's approximation. */
const SCALE = Math.sqrt(2 / Math.PI)
const CUBIC = 0.044715

/**
 * ln(erfc(u) e^(u²) / t) for u ≥ 0 with t = 1 / (1 + u / 2), as a polynomial in s = 2 t - 1, lowest power first: interpolated at
 * the 25 zeros of a Chebyshev polynomial, in 60 digits. erfc and its derivative are right to 1e-13 everywhere.
 */
const LN_ERFC = [
  -0.6717940840566923, 0.6726432239776576, 0.047343306841898185, -0.04689561023126843, -0.009872689365754328,
  0.00882493855975445, 0.0017589335383343834, -0.002345812534455851, -0.00014624658593819772, 0.0006736790125595953,
  -9.373724844136099e-5, -0.00017430363340430627, 7.141197420995915e-5, 3.174564452587231e-5, -3.0223285604111387e-5,
  1.420950999465928e-7, 8.639485366744026e-6, -2.9659329859106468e-6, -1.3853380961247002e-6, 1.2851059663435704e-6,
  -5.7457241119152446e-8, -2.902443995600044e-7, 8.35469423874137e-8, 2.9923273057708554e-8, -1.3791307091712085e-8,
]

export default defineBlock({
  type: 'gelu',
  family: 'function',
  title: 'GELU',
  doc: 'Weighs its input by the share of a standard normal distribution that lies below it, Φ(x).',
  formula: 'y = x Φ(x); Tanh: y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))',
  source: 'torch.nn.GELU; Hendrycks & Gimpel 2016',
  aliases: ['gaussian error linear unit', 'activation'],
  params: {
    form: choice({
      label: 'Form',
      doc: 'Exact, or with the approximation of the paper, off by at most 0.0005.',
      default: 'exact',
      options: { exact: 'Exact', tanh: 'Tanh' },
    }),
  },
  inputs: { x: { doc: 'any shape' } },
  outputs: { y: { doc: 'the same shape' } },
  build(g, { x }, p) {
    if (p.form === 'exact') return { y: g.mul(x, shareBelow(g, x)) }
    const cubed = g.mul(g.mul(g.mul(x, x), x), CUBIC)
    const share = g.add(g.tanh(g.mul(g.add(x, cubed), SCALE)), 1)
    return { y: g.mul(g.mul(x, 0.5), share) }
  },
  examples: [
    { inputs: { x: [2, 3] }, outputs: { y: [2, 3] } },
    { params: { form: 'tanh' }, inputs: { x: [3, 2, 4] }, outputs: { y: [3, 2, 4] } },
  ],
})

/** Φ(x) = ½ erfc(-x / √2), on either side from the tail, which is exact relative to itself. */
function shareBelow(g: BlockBuilder, x: Tensor): Tensor {
  const u = g.mul(g.abs(x), Math.SQRT1_2)
  const t = g.div(1, g.add(g.mul(u, 0.5), 1))
  const s = g.sub(g.mul(t, 2), 1)
  const highest = g.fill(x.shape, LN_ERFC.at(-1) ?? 0)
  const ln = LN_ERFC.slice(0, -1).reduceRight<Tensor>((sum, factor) => g.add(g.mul(sum, s), factor), highest)
  const tail = g.mul(g.mul(t, 0.5), g.exp(g.sub(ln, g.mul(u, u))))
  return g.select(g.less(x, 0), tail, g.sub(1, tail))
}
