/** Some pictures of the training part, each as it is and as the first epochs will show it to the network. */
import { canonicalJson } from '../base/hash.ts'
import { at } from '../base/assert.ts'
import { sizeOf, type Shape } from '../base/shape.ts'
import type { DataSection } from '../document/types.ts'
import { augmenterFor, requirePictures } from './augmentation.ts'
import { unwatched } from './files.ts'
import { exampleHashes } from './leaks.ts'
import { MAX_SHOWN_VALUES } from './limits.ts'
import { areBytes, inTurns } from './numbers.ts'
import { divided } from './preparation/examples.ts'
import { labelOf } from './preview.ts'
import type { Job, LoadedTable, Numbers, RawExamples } from './types.ts'

export interface Varied {
  /** [height, width, channels] */
  readonly shape: Shape
  readonly pictures: readonly {
    readonly label: string
    /** As it is, and as it will be in the epochs 1, 2 and so on. */
    readonly looks: readonly Uint8Array[]
  }[]
}

const PICTURES = 6
const EPOCHS = 3

/** Throws ProblemError where they are no pictures. */
export async function variedOf(
  raw: RawExamples | LoadedTable,
  section: DataSection,
  job: Job = unwatched,
): Promise<Varied> {
  requirePictures(raw, section)
  const { shape, features } = raw
  const size = sizeOf(shape)
  const isBytes = areBytes(features)
  const fitting = Math.floor(MAX_SHOWN_VALUES / (size * (EPOCHS + 1)))
  const part = await trainingPart(raw, section, job)
  const rows = someOf(raw, part, Math.min(PICTURES, Math.max(1, fitting)))
  const { augmentation } = section.preparation
  const augment = augmentation && augmenterFor(augmentation, shape, isBytes ? 'bytes' : 'floats')
  const values = new Float32Array(size)
  const pictures = rows.map((row) => {
    const own = features.subarray(row * size, (row + 1) * size)
    // All looks of a picture are as bright as it.
    const ends = isBytes ? ([0, 255] as const) : endsOf(own)
    const looks = Array.from({ length: EPOCHS + 1 }, (_, epoch) => {
      values.set(own)
      if (epoch > 0) augment?.(values, row, epoch)
      return asPixels(values, ends)
    })
    return { label: labelOf({ ...raw, targets: part.targets }, row), looks }
  })
  return { shape, pictures }
}

function endsOf(values: Float32Array | Uint8Array): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

function asPixels(values: Float32Array, [low, high]: readonly [number, number]): Uint8Array {
  const scale = high > low ? 255 / (high - low) : 0
  return new Uint8Array(Uint8ClampedArray.from(values, (value) => (value - low) * scale).buffer)
}

interface TrainingPart {
  readonly rows: Uint32Array
  readonly targets: RawExamples['targets']
}

/** The same for as long as split and examples are: a bound that is scrubbed asks many times a second. */
async function trainingPart(raw: RawExamples, section: DataSection, job: Job): Promise<TrainingPart> {
  const { split, corrections = {} } = section
  const key = canonicalJson([raw.target, split, corrections])
  const last = known.get(raw.features)
  if (last?.key === key) return last.part
  const same = split.together ? await inTurns(exampleHashes(raw), job, raw.count) : undefined
  const { parts, targets } = await inTurns(divided(raw, section, same), job, raw.count)
  const part = { rows: parts.train, targets }
  known.set(raw.features, { key, part })
  return part
}
const known = new WeakMap<Numbers, { readonly key: string; readonly part: TrainingPart }>()

/** Of each class in turn, where there are classes. */
function someOf({ target }: RawExamples, { rows, targets }: TrainingPart, most: number): number[] {
  if (target.kind !== 'classes') return Array.from(rows.subarray(0, most))
  const each = Math.ceil(most / Math.max(1, target.names.length))
  const taken = new Map<number, number>()
  const found: number[] = []
  for (let i = 0; i < rows.length && found.length < most; i++) {
    const row = at(rows, i)
    const code = targets[row] as number
    const before = taken.get(code) ?? 0
    if (before >= each) continue
    taken.set(code, before + 1)
    found.push(row)
  }
  return found.sort((a, b) => (targets[a] as number) - (targets[b] as number) || a - b)
}
