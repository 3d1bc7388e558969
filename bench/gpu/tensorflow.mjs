// TensorFlow.js on WebGPU as a peer of the comparison, as its users write it: layers by their operators, the optimizers that
// it brings, a tape each step.
import { serve } from '../serve.ts'
import { provideGpu } from './dawn.ts'
import { once, packageOf } from './packages.mjs'
import { taskOf } from './task.ts'

const started = once(async () => {
  const device = await provideGpu()
  // It greets on stdout.
  console.log = console.info = console.warn = () => {}
  const tf = packageOf('@tensorflow/tfjs')
  packageOf('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js finds nothing to compute on.')
  await tf.ready()
  return { device, tf }
})

/** Of one layer: (input, weights, parameters) → output. */
const layersOf = (tf) => ({
  dense: (x, [weight, bias]) => tf.add(tf.matMul(x, weight), bias),
  relu: (x) => tf.relu(x),
  tanh: (x) => tf.tanh(x),
  flatten: (x) => tf.reshape(x, [x.shape[0], -1]),
  pooling: (x, _, { size, stride }) => tf.maxPool(x, size, stride, 'valid'),
  conv2d: (x, [weight, bias], { stride = [1, 1], paddingAmount = [0, 0] }) =>
    tf.add(tf.conv2d(x, weight, stride, paddingAmount[0]), bias),
  upconv2d: (x, [weight, bias], { stride, padding, filters }) => {
    const [batch, height, width] = x.shape
    const shape = [batch, height * stride[0], width * stride[1], filters]
    return tf.add(tf.conv2dTranspose(x, weight, shape, stride, padding[0]), bias)
  },
  lstm: (x, [input, recurrent, bias]) => {
    const [batch, times, features] = x.shape
    const hidden = recurrent.shape[0]
    const projected = tf.add(tf.matMul(tf.reshape(x, [batch * times, features]), input), bias)
    let [h, c] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])]
    for (const now of tf.unstack(tf.reshape(projected, [batch, times, 4 * hidden]), 1)) {
      const [i, f, g, o] = tf.split(tf.add(now, tf.matMul(h, recurrent)), 4, 1)
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)))
      h = tf.mul(tf.sigmoid(o), tf.tanh(c))
    }
    return h
  },
})

const lossesOf = ({ losses }) => ({
  crossEntropy: (prediction, target) => losses.softmaxCrossEntropy(target, prediction),
  binaryCrossEntropy: (prediction, target) => losses.sigmoidCrossEntropy(target, prediction),
  rms: (prediction, target) => losses.meanSquaredError(target, prediction),
})

async function open(workload, data) {
  const { tf } = await started()
  const { layers, loss, target, optimizer, batches } = taskOf(workload, data)
  const [apply, lossOf] = [layersOf(tf), lossesOf(tf)[loss]]
  const tensor = ({ values, shape }) => tf.tensor(values, shape)
  const network = layers.map((layer) => ({ ...layer, weights: layer.weights.map((one) => tf.variable(tensor(one))) }))
  const fed = batches.map(({ x, y }) => ({
    x: tensor(x),
    y: target === 'classes' ? tf.tidy(() => tf.cast(tf.oneHot(tensor(y), 10), 'float32')) : tensor(y),
  }))
  const rule = optimizer === 'sgd' ? tf.train.sgd(0.1) : tf.train.adam(0.001, 0.9, 0.999, 1e-8)
  const weights = network.flatMap((layer) => layer.weights)
  let [last, value] = [undefined, NaN]
  return {
    facts: {},
    most: Infinity,
    run: async (from, steps) => {
      for (let step = from; step < from + steps; step++) {
        const { x, y } = fed[step % fed.length]
        last?.dispose()
        last = rule.minimize(
          () =>
            lossOf(
              network.reduce((at, { type, weights, params }) => apply[type](at, weights, params), x),
              y,
            ),
          true,
          weights,
        )
      }
      value = (await last.data())[0]
    },
    loss: async () => value,
  }
}

export const main = () => serve({ device: async () => (await started()).device, open }).then(() => process.exit(0))
