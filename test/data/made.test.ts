/** Examples that other threads make: the same bits as here, and training that goes on without them. */
import { describe, expect, test } from 'vitest'
import { problem, ProblemError } from '../../src/base/problem.ts'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import { unwatched } from '../../src/data/files.ts'
import { learn, prepareFeed } from '../../src/data/index.ts'
import { MadeExamples, makerFor, type Makers, type MakingJob } from '../../src/data/preparation/made.ts'
import type { HeldNumbers, Numbers, PreparedData, RawExamples, StoredNumbers } from '../../src/data/types.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation, DataSection } from '../../src/document/types.ts'
import { emptyDocument } from '../../src/document/file.ts'
import { messages, tableOf, tableSourceOf, valueOf } from './files.ts'
import { Kept } from './kept.ts'

const everything: Augmentation = { ...USUAL_AUGMENTATION, flipHorizontal: true, noise: 0.05, cutOut: 0.3 }

function pictures(count: number, shape: Shape, kind: StoredNumbers['kind']): HeldNumbers {
  const rng = new Rng(2, 'pictures')
  const length = count * sizeOf(shape)
  return kind === 'bytes'
    ? Uint8Array.from({ length }, () => rng.integer(256))
    : Float32Array.from({ length }, () => rng.uniform(-3, 8))
}

/** As threads do it: later, in any order, with memory that is gone afterwards. */
class Elsewhere implements Makers {
  readonly most: number
  readonly jobs: { readonly count: number; readonly epoch: number }[] = []
  underWay = 0
  mostUnderWay = 0
  /** What becomes of the job of this number, counted from 1. */
  readonly #fails: (job: number) => Error | undefined
  readonly #order = new Rng(7, 'order')

  constructor(most: number, fails: (job: number) => Error | undefined = () => undefined) {
    this.most = most
    this.#fails = fails
  }

  async make({ making, values, rows, epoch }: MakingJob): Promise<Float32Array> {
    this.jobs.push({ count: rows.length, epoch })
    const failure = this.#fails(this.jobs.length)
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay)
    const [plain, own] = [
      structuredClone(making),
      structuredClone(values, { transfer: [values.buffer as ArrayBuffer] }),
    ]
    for (let i = this.#order.integer(5); i > 0; i--) await Promise.resolve()
    this.underWay--
    if (failure) throw failure
    const size = sizeOf(plain.shape)
    const out = new Float32Array(rows.length * size)
    const make = makerFor(plain)
    rows.forEach((row, i) => make(out, i * size, own, i * size, row, epoch))
    return out
  }
}

const gone = (words: string) => new ProblemError(problem('data.makers', words, undefined, 'warning'))
const columns = [{ mean: 90, deviation: 40, fill: 90 }]

async function written(features: MadeExamples, places: ArrayLike<number>, size: number, epoch: number) {
  const out = new Float32Array(places.length * size)
  await features.write(out, places, epoch)
  return Buffer.from(out.buffer)
}

describe('examples that vary', () => {
  const shape = [24, 20, 3]
  const size = sizeOf(shape)
  const rows = Uint32Array.from({ length: 150 }, (_, i) => 2 * i + 1)
  const rng = new Rng(3, 'places')
  const places = Uint32Array.from({ length: 200 }, () => rng.integer(rows.length))
  const madeOf = (values: Numbers, makers?: Makers, augmentation: Augmentation | undefined = everything) =>
    new MadeExamples(values, rows, { shape, columns, augmentation }, makers)

  test.each(['bytes', 'floats'] as const)(
    'are the same %s wherever they are made, and wherever they lie',
    async (kind) => {
      const values = pictures(302, shape, kind)
      for (const epoch of [1, 4]) {
        const right = await written(madeOf(values), places, size, epoch)
        for (const numbers of [values, new Kept(values)])
          for (const most of [1, 3, 16]) {
            const makers = new Elsewhere(most)
            expect(right.equals(await written(madeOf(numbers, makers), places, size, epoch))).toBe(true)
            expect(makers.jobs.reduce((sum, { count }) => sum + count, 0)).toBe(places.length)
            expect(makers.mostUnderWay).toBeLessThanOrEqual(most)
            if (most > 1) expect(Math.min(makers.jobs.length, makers.mostUnderWay)).toBeGreaterThan(1)
          }
        // Another epoch, another seed, a place that is another: none of these would be told from chance above.
        for (const other of [
          await written(madeOf(values), places, size, epoch + 1),
          await written(madeOf(values, undefined, { ...everything, seed: 9 }), places, size, epoch),
          await written(madeOf(values), places.toReversed(), size, epoch),
        ])
          expect(right.equals(other)).toBe(false)
      }
    },
  )

  test('are made by the caller where nothing random is done', async () => {
    const values = pictures(302, shape, 'bytes')
    const makers = new Elsewhere(4)
    const plain = await written(madeOf(values, undefined, { seed: 1 }), places, size, 1)
    expect(plain.equals(await written(madeOf(values, makers), places, size, 0))).toBe(true)
    expect(plain.equals(await written(madeOf(values, makers, { seed: 1, shift: 0 }), places, size, 3))).toBe(true)
    expect(makers.jobs).toEqual([])
  })

  test('are cut into jobs that keep all busy, none too small for the way', async () => {
    const values = pictures(302, shape, 'bytes')
    const jobsOf = async (count: number, most: number) => {
      const makers = new Elsewhere(most)
      await written(madeOf(values, makers), places.subarray(0, count), size, 1)
      return makers.jobs.map((job) => job.count)
    }
    expect(await jobsOf(200, 4)).toEqual([50, 50, 50, 50])
    // 16,384 numbers at least, 262,144 at most; an example has 1,440.
    expect(await jobsOf(12, 4)).toEqual([11, 1])
    expect(await jobsOf(200, 1)).toEqual([182, 18])
    expect(await jobsOf(0, 4)).toEqual([])
  })

  test('are few at once where they are large', async () => {
    // Of 16,777,216 numbers two examples have their share.
    const large = [1680, 1670, 2]
    const making = { shape: large, columns, augmentation: { seed: 1, flipVertical: true } } as const
    const makers = new Elsewhere(16)
    const numbers = 3 * sizeOf(large)
    const features = new MadeExamples(new Uint8Array(numbers), Uint32Array.of(2, 0, 1), making, makers)
    await features.write(new Float32Array(numbers), [0, 1, 2], 1)
    expect([makers.jobs.length, makers.mostUnderWay]).toEqual([3, 2])
  })

  test('are made here where a thread fails, which is said once', async () => {
    const values = pictures(302, shape, 'bytes')
    const right = await written(madeOf(values), places, size, 2)
    for (const numbers of [values, new Kept(values)]) {
      const features = madeOf(
        numbers,
        new Elsewhere(6, (job) => (job % 2 === 0 ? gone('It is gone.') : job === 3 ? gone('So is it.') : undefined)),
      )
      expect(features.takeProblems()).toEqual([])
      expect(right.equals(await written(features, places, size, 2))).toBe(true)
      expect(features.takeProblems().map(({ message }) => message)).toEqual(['It is gone.', 'So is it.'])
      expect(features.takeProblems()).toEqual([])
    }
  })

  test('are refused where something is wrong with the program', async () => {
    const values = pictures(302, shape, 'bytes')
    for (const wrong of [1, 2, 3]) {
      const makers = new Elsewhere(3, (job) => (job === wrong ? new Error('internal: no such thing') : undefined))
      await expect(written(madeOf(values, makers), places, size, 2)).rejects.toThrow('no such thing')
    }
  })
})

describe('what was learnt', () => {
  const shape = [12, 10, 1]
  const size = sizeOf(shape)
  const count = 80
  const rawOf = (features: Numbers): RawExamples => ({
    count,
    shape,
    features,
    target: { kind: 'classes', names: ['a', 'b'] },
    targets: Int32Array.from({ length: count }, (_, i) => i % 2),
  })
  const { data } = emptyDocument()
  const sectionOf = (augmentation?: Augmentation): DataSection => ({
    ...data,
    source: {
      kind: 'examples',
      reader: 'idx',
      options: {},
      files: [{ name: 'x', size: 1, sha256: '' }],
      features: shape,
      target: { kind: 'classes', names: ['a', 'b'] },
    },
    preparation: { ...data.preparation, scale: 'standardise', ...(augmentation && { augmentation }) },
  })
  const epochOf = async ({ train }: PreparedData, epoch: number) => {
    if (train.features instanceof Float32Array) return Buffer.from(train.features.buffer)
    const places = Uint32Array.from({ length: train.count }, (_, i) => i)
    return written(train.features as MadeExamples, places, size, epoch)
  }

  test('is kept when only how pictures vary is another: nothing is read or learnt again', async () => {
    const values = pictures(count, shape, 'bytes')
    const kept = new Kept(values)
    const learnt = valueOf(await learn(rawOf(kept), sectionOf(), 0))
    const reads = kept.reads.length
    expect(reads).toBeGreaterThan(1)
    const recipes = [everything, { seed: 3, rotate: 30 }, undefined, { seed: 3, noise: 0.1 }]
    const found = await Promise.all(recipes.map(async (one) => valueOf(await learnt.vary(sectionOf(one)))))
    expect(kept.reads).toHaveLength(reads)
    expect(new Set(found.flatMap(({ validation, fitted, warnings }) => [validation, fitted, warnings])).size).toBe(3)
    for (const [i, recipe] of recipes.entries()) {
      const right = valueOf(await prepareFeed(rawOf(values), sectionOf(recipe), 1e9))
      expect(found[i]?.fitted).toEqual(right.fitted)
      expect((await epochOf(right, 2)).equals(await epochOf(found[i] as PreparedData, 2))).toBe(true)
    }
    // The recipes are others, indeed.
    const looks = await Promise.all(found.map((one) => epochOf(one, 2)))
    expect(looks.every((one, i) => looks.every((other, k) => i === k || !one.equals(other)))).toBe(true)
  })

  test('says how far it is in one go, and is refused where there are no pictures', async () => {
    const shares: number[] = []
    const job = { ...unwatched, progress: (share: number) => void shares.push(share) }
    const learnt = valueOf(await learn(rawOf(pictures(count, shape, 'bytes')), sectionOf(), 1e9, job))
    valueOf(await learnt.vary(sectionOf(), job))
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    const text = 'a,y\n1,u\n2,v\n3,u\n4,v\n'
    const source = await tableSourceOf(text)
    const own = (augmentation?: Augmentation): DataSection => ({ ...sectionOf(augmentation), source })
    const table = await tableOf(text, source)
    const words =
      'Only pictures (height, width, channels) can be varied, and data.csv has the rows of a table; turn off that they vary.'
    expect(messages(await learn(table, own(everything), 1e9))).toEqual([words])
    const learntTable = valueOf(await learn(table, own(), 1e9))
    expect(messages(await learntTable.vary(own(everything)))).toEqual([words])
    expect(await learntTable.vary(own())).toMatchObject({ ok: true })
  })
})
