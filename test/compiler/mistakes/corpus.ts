/**
 * Mistakes that people make, each in a sound drawing, with the first fix that an expert would make. The expectations were
 * written by hand from the drawings, not from what the doctor says.
 */
import { inExamples } from './examples.ts'
import { inFurtherNetworks } from './further-networks.ts'
import type { Mistake } from './mistake.ts'
import { inOtherNetworks } from './other-networks.ts'

export const mistakes: readonly Mistake[] = [...inExamples, ...inOtherNetworks, ...inFurtherNetworks]
