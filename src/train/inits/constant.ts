import { defineInit } from './_define.ts'

/** 1 everywhere; the scale makes its value. */
export default defineInit({ type: 'constant', source: 'torch.nn.init.constant_', fill: ({ values }) => values.fill(1) })
