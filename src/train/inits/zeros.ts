import { defineInit } from './_define.ts'

export default defineInit({ type: 'zeros', source: 'torch.nn.init.zeros_', fill: () => undefined })
