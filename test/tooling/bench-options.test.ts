/** What `npm run bench` can be told, and who takes part then. */
import { expect, test } from 'vitest'
import { optionsOf, workloads } from '../../bench/options.mjs'
import { peersOf } from '../../bench/peers.mjs'

test('without a word everything is measured on one thread of the CPU', () => {
  expect(optionsOf([])).toMatchObject({ threads: 1, rounds: 5, webgpu: false, markdown: false, kernels: false })
  expect(optionsOf([]).workload).toBeUndefined()
})

test('--webgpu goes with workloads, with single kernels and with a soak', () => {
  const told = ['--webgpu', '--workload', 'W3', '--workload', 'W5', '--seconds', '0.3', '--rounds', '2', '--markdown']
  const asked = { webgpu: true, workload: ['W3', 'W5'], seconds: '0.3', rounds: 2, markdown: true }
  expect(optionsOf(told)).toMatchObject(asked)
  expect(optionsOf(['--kernels', '--webgpu', '--peak', '60000'])).toMatchObject({ kernels: true, peak: '60000' })
  expect(optionsOf(['--soak', '5', '--webgpu'])).toMatchObject({ soak: '5', webgpu: true })
})

test.each([
  [['--threads', '0'], '--threads takes a whole number'],
  [['--rounds', '1.5'], '--rounds takes a whole number'],
  [['--seconds', 'long'], '--seconds takes a number above 0'],
  [['--webgpu', '--peak', '60 TFLOPS'], '--peak takes'],
  [['--kernels', '--peak', '100'], '--peak needs --webgpu'],
  [['--webgpu', '--compile'], '--webgpu goes with'],
  [['--webgpu', '--scaling'], '--webgpu goes with'],
  [['--workload', 'W7'], `No such workload: W7. There are ${workloads.join(', ')}.`],
  [['--gpu'], "Unknown option '--gpu'"],
])('%j is refused', (told, message) => {
  expect(() => optionsOf(told)).toThrow(message)
})

test('a document can be compiled that is no workload', () => {
  expect(optionsOf(['--compile', '--workload', 'lenet-5']).workload).toEqual(['lenet-5'])
})

test('on a GPU our engine comes first, beside itself on the CPU and its peers', () => {
  const names = (...told: string[]) => peersOf(optionsOf(told)).map(({ kind, name }) => `${name} (${kind})`)
  expect(names('--webgpu')).toEqual([
    'Neuroloom on WebGPU (ours)',
    'Neuroloom on the CPU (CPU)',
    'jax-js on WebGPU (JavaScript)',
    'TensorFlow.js on WebGPU (JavaScript)',
    'PyTorch on CUDA (native)',
  ])
  expect(names('--peers', '/nowhere')).toEqual(['Neuroloom (ours)'])
})
