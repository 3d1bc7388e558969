/** Which steps follow from where a run is, against a list of all of them. */
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { cut, stepsAtOnce, VALIDATION_BATCH } from '../../src/compiler/costs-training.ts'
import { Course, firstOf, lengthOf, START, workOf, type Piece, type Position } from '../../src/train/course.ts'

const EPOCHS = 40

/** One batch: its entry, and its examples counted through all epochs of its part. */
type Batch = readonly [entry: string, first: number, size: number]

/** All batches of a run, one after the other. */
function batches(train: number, size: number, validation: number): Batch[] {
  const all: Batch[] = []
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (const [pass, count, most] of [
      ['train', train, Math.min(size, train)],
      ['evaluate', validation, Math.min(VALIDATION_BATCH, Math.max(1, validation))],
    ] as const)
      for (let done = 0; done < count; done += most) {
        const length = Math.min(most, count - done)
        all.push([length < most ? `${pass}Tail` : pass, epoch * count + done, length])
      }
  return all
}

const given = (pieces: readonly Piece[]): Batch[] =>
  pieces.flatMap(({ entry, example, size, steps }) =>
    Array.from({ length: steps }, (_, i): Batch => [entry, example + i * size, size]),
  )

interface Setting {
  readonly train: number
  readonly size: number
  readonly validation: number
  readonly epochs?: number
  readonly decides?: boolean
  readonly windows?: Readonly<Record<'train' | 'validation', number>>
}

const ALL = { train: Infinity, validation: Infinity }

function courseOf({ train, size, validation, epochs = EPOCHS, decides = false, windows = ALL }: Setting): Course {
  const batch = {
    train: { ...cut(train, size), rows: train },
    validation: { ...cut(validation, VALIDATION_BATCH), rows: validation },
    predict: 64,
  }
  const chunks = Object.entries(stepsAtOnce(batch.train, batch.validation))
  const entries = chunks.map(([name, chunk]) => ({ name, chunk, kernels: [], program: { inputs: [], outputs: [] } }))
  const plan = { entries, slots: [], buffers: [], arenaBytes: 0 } as never
  return new Course({ batch, plan }, { epochs, decides, windows })
}

const sizes: readonly Setting[] = [
  { train: 20, size: 5, validation: 0 },
  { train: 22, size: 5, validation: 0 },
  { train: 20, size: 5, validation: 7 },
  { train: 22, size: 5, validation: 300 },
  { train: 3, size: 8, validation: 512 },
  { train: 1, size: 1, validation: 1 },
]

describe.each(sizes)(
  'of $train in batches of $size, with $validation that validate,',
  ({ train, size, validation }) => {
    const right = batches(train, size, validation)

    test('stretches of any length make up the run, each within an epoch or to the end of one', () => {
      for (let seed = 0; seed < 30; seed++) {
        const rng = new Rng(seed, 'stretches')
        const decides = seed % 3 === 0
        const windows = seed % 2 === 0 ? ALL : { train: Math.max(size, 12), validation: 256 }
        const course = courseOf({ train, size, validation, decides, windows })
        const found: Batch[] = []
        let position: Position = START
        let stretches = 0
        while (!course.isOver(position)) {
          const due = position.batch >= course.stepsPerEpoch
          const limit = { steps: rng.integer(40) + (due ? 0 : 1), work: rng.uniform() * 300 }
          const pieces = course.ahead(position, limit)
          expect(pieces.length).toBeGreaterThan(0)
          const trained = pieces.filter(({ part }) => part === 'train')
          expect(lengthOf(trained)).toBeLessThanOrEqual(limit.steps)
          if (lengthOf(pieces) > 1) expect(workOf(pieces)).toBeLessThanOrEqual(limit.work + 1e-9)
          for (const part of ['train', 'validation'] as const) {
            const own = pieces.filter((piece) => piece.part === part)
            const shown = own.reduce((sum, piece) => sum + piece.steps * piece.size, 0)
            expect(shown).toBeLessThanOrEqual(windows[part])
          }
          const rows = new Map<string, number>()
          for (const { entry, row, steps } of pieces) {
            expect(row).toBe(rows.get(entry) ?? 0)
            rows.set(entry, row + steps)
          }
          const from = position
          position = pieces.at(-1)?.to ?? position
          if (position.epoch > from.epoch) expect(position.batch).toBe(0)
          if (decides) expect(position.epoch).toBeLessThanOrEqual(from.epoch + 1)
          // Now and then not all of it is done.
          if (rng.uniform() < 0.3) {
            const some = firstOf(pieces, rng.integer(lengthOf(pieces) + 1))
            position = some.at(-1)?.to ?? from
            found.push(...given(some))
          } else found.push(...given(pieces))
          stretches++
        }
        expect(found).toEqual(right)
        expect(position.step).toBe(EPOCHS * course.stepsPerEpoch)
        expect(stretches).toBeGreaterThan(decides ? EPOCHS - 1 : 0)
      }
    })

    test('where nothing limits it, all goes at once, and with decisions an epoch', () => {
      const whole = courseOf({ train, size, validation }).ahead(START, { steps: Infinity })
      expect(given(whole)).toEqual(right)
      const epoch = courseOf({ train, size, validation, decides: true }).ahead(START, { steps: Infinity })
      expect(given(epoch)).toEqual(right.slice(0, right.length / EPOCHS))
    })

    test('without validation it is the training alone, also behind a validation that is due', () => {
      const course = courseOf({ train, size, validation, decides: true })
      const alone = right.filter(([entry]) => entry.startsWith('train'))
      expect(given(course.ahead(START, { steps: Infinity, trainOnly: true }))).toEqual(alone)
      const due = { epoch: 0, batch: course.stepsPerEpoch, step: course.stepsPerEpoch }
      const rest = course.ahead(due, { steps: Infinity, trainOnly: true })
      expect(given(rest)).toEqual(alone.slice(alone.length / EPOCHS))
    })

    test('a single step brings the validation that follows from it, and no more', () => {
      const course = courseOf({ train, size, validation })
      const last = course.stepsPerEpoch - 1
      const pieces = course.ahead({ epoch: 0, batch: last, step: last }, { steps: 1 })
      expect(given(pieces)).toEqual(right.slice(last, right.length / EPOCHS))
      expect(pieces.at(-1)?.to).toEqual({ epoch: 1, batch: 0, step: last + 1 })
    })
  },
)

test('no entry is asked for more steps than it takes at once', () => {
  const course = courseOf({ train: 4, size: 2, validation: 300, epochs: 1e6 })
  const chunks = new Map(Object.entries(stepsAtOnce(cut(4, 2), cut(300, VALIDATION_BATCH))))
  const pieces = course.ahead(START, { steps: Infinity })
  const steps = new Map<string, number>()
  for (const piece of pieces) steps.set(piece.entry, (steps.get(piece.entry) ?? 0) + piece.steps)
  for (const [entry, count] of steps) expect(count).toBeLessThanOrEqual(chunks.get(entry) ?? 0)
  // One more epoch would be too many for one of them.
  expect([...steps].some(([entry, count]) => count + 2 > (chunks.get(entry) ?? 0))).toBe(true)
})
