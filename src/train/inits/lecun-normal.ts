import { defineInit, fillNormal } from './_define.ts'

/** Normal with variance 1 / in. */
export default defineInit({
  type: 'lecunNormal',
  source: 'LeCun et al. 1998, "Efficient BackProp"; Klambauer et al. 2017',
  fill: ({ values, fanIn }, random) => fillNormal(values, random, Math.sqrt(1 / fanIn)),
})
