// jax-js on WebGPU as a peer of the comparison, as its users write it: the whole step, with gradient and optimizer, in one jit.
// Every use of an array but the last needs a reference of its own.
import { serve } from '../serve.ts'
import { provideGpu } from './dawn.ts'
import { once, packageOf } from './packages.mjs'
import { taskOf } from './task.ts'

const started = once(async () => {
  const device = await provideGpu()
  const jax = packageOf('@jax-js/jax')
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js finds nothing to compute on.')
  jax.defaultDevice('webgpu')
  return { device, jax }
})

/** Of one layer: (input, weights, parameters) → output. Pictures are [batch, channels, height, width]. */
const layersOf = ({ numpy: np, nn, lax }) => {
  const withBias = (x, bias) => x.add(bias.reshape([1, -1, 1, 1]))
  return {
    dense: (x, [weight, bias]) => np.matmul(x, weight).add(bias),
    relu: (x) => nn.relu(x),
    tanh: (x) => np.tanh(x),
    flatten: (x) => np.transpose(x, [0, 2, 3, 1]).reshape([x.shape[0], -1]),
    pooling: (x, _, { size: [rows, columns] }) => {
      const [batch, channels, height, width] = x.shape
      return np.max(x.reshape([batch, channels, height / rows, rows, width / columns, columns]), [3, 5])
    },
    conv2d: (x, [weight, bias], { stride = [1, 1], paddingAmount = [0, 0] }) => {
      const padding = paddingAmount.map((amount) => [amount, amount])
      return withBias(lax.conv(x, weight, stride, padding), bias)
    },
    upconv2d: (x, [weight, bias], { stride, padding, outputPadding }) => {
      const around = padding.map((amount, i) => [amount, amount - outputPadding[i]])
      return withBias(lax.convTranspose(x, weight, stride, around, { transposeKernel: true }), bias)
    },
    lstm: (x, [input, recurrent, bias]) => {
      const [batch, hidden] = [x.shape[0], recurrent.shape[0]]
      let [h, c] = [np.zeros([batch, hidden]), np.zeros([batch, hidden])]
      for (const now of np.unstack(np.matmul(x, input).add(bias), 1)) {
        const [i, f, g, o] = np.split(np.matmul(h, recurrent.ref).add(now), 4, 1)
        c = nn
          .sigmoid(f)
          .mul(c)
          .add(nn.sigmoid(i).mul(np.tanh(g)))
        h = nn.sigmoid(o).mul(np.tanh(c.ref))
      }
      recurrent.dispose()
      c.dispose()
      return h
    },
  }
}

/** Of (prediction, target), batch examples. */
const lossesOf = ({ numpy: np, nn }) => ({
  crossEntropy: (prediction, target) => {
    const share = -1 / prediction.shape[0]
    return np.sum(nn.logSoftmax(prediction, 1).mul(target)).mul(share)
  },
  binaryCrossEntropy: (prediction, target) => np.mean(nn.softplus(prediction.ref).sub(prediction.mul(target))),
  rms: (prediction, target) => np.mean(np.square(prediction.sub(target))),
})

/** (weights, memory, gradients) → new weights and memory. */
const rulesOf = ({ numpy: np }) => ({
  sgd: {
    memory: () => [],
    step: (weights, memory, gradients) => [weights.map((one, i) => one.sub(gradients[i].mul(0.1))), memory],
  },
  adam: {
    // Both averages of each weight, and the powers of their decays.
    memory: (weights) => [
      weights.map(({ shape }) => np.zeros(shape)),
      weights.map(({ shape }) => np.zeros(shape)),
      np.array(1),
      np.array(1),
    ],
    step: (weights, [means, squares, power1, power2], gradients) => {
      const [decayed1, decayed2] = [power1.mul(0.9), power2.mul(0.999)]
      const mean = means.map((one, i) => one.mul(0.9).add(gradients[i].ref.mul(0.1)))
      const square = squares.map((one, i) => one.mul(0.999).add(np.square(gradients[i]).mul(0.001)))
      const unbiased = (one, decayed) => one.ref.div(np.subtract(1, decayed.ref))
      const moved = weights.map((one, i) => {
        const size = np.sqrt(unbiased(square[i], decayed2)).add(1e-8)
        return one.sub(unbiased(mean[i], decayed1).mul(0.001).div(size))
      })
      return [moved, [mean, square, decayed1, decayed2]]
    },
  },
})

async function open(workload, data) {
  const { jax } = await started()
  const { numpy: np, jit, valueAndGrad, tree } = jax
  const { layers, loss, target, optimizer, batches } = taskOf(workload, data)
  const [apply, lossOf, rule] = [layersOf(jax), lossesOf(jax)[loss], rulesOf(jax)[optimizer]]
  const array = ({ values, shape }) => np.array(values).reshape([...shape])
  const picture = (one) => (one.shape.length === 4 ? np.transpose(array(one), [0, 3, 1, 2]) : array(one))
  const oneHot = ({ values, shape: [batch] }) => {
    const rows = new Float32Array(10 * batch)
    values.forEach((label, i) => (rows[10 * i + label] = 1))
    return array({ values: rows, shape: [batch, 10] })
  }
  // [height, width, in, out] becomes [out, in, height, width].
  const weightOf = (one) => (one.shape.length === 4 ? np.transpose(array(one), [3, 2, 0, 1]) : array(one))
  let weights = layers.flatMap((layer) => layer.weights.map(weightOf))
  let memory = rule.memory(weights)
  const fed = batches.map(({ x, y }) => ({ x: picture(x), y: target === 'classes' ? oneHot(y) : picture(y) }))

  const lossAt = (weights, x, y) => {
    let [next, at] = [0, x]
    for (const { type, params, weights: own } of layers)
      at = apply[type](at, weights.slice(next, (next += own.length)), params)
    return lossOf(at, y)
  }
  const step = jit((weights, memory, x, y) => {
    const [value, gradients] = valueAndGrad(lossAt)(tree.ref(weights), x, y)
    return [value, ...rule.step(weights, memory, gradients)]
  })
  let [last, value] = [undefined, NaN]
  return {
    facts: {},
    most: Infinity,
    run: async (from, steps) => {
      for (let i = from; i < from + steps; i++) {
        const { x, y } = fed[i % fed.length]
        last?.dispose()
        ;[last, weights, memory] = step(weights, memory, x.ref, y.ref)
      }
      value = (await last.ref.data())[0]
    },
    loss: async () => value,
  }
}

export const main = () => serve({ device: async () => (await started()).device, open }).then(() => process.exit(0))
