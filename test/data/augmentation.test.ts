import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { sizeOf, type Shape } from '../../src/base/shape.ts'
import {
  augmenterFor,
  cutOut,
  drawVariation,
  normalQuantiles,
  varies,
  warp,
  type Variation,
} from '../../src/data/augmentation.ts'
import { generatedSource, prepare, prepareFeed, variedOf } from '../../src/data/index.ts'
import type { Features, PreparedData, RawExamples } from '../../src/data/types.ts'
import { USUAL_AUGMENTATION } from '../../src/document/recipes.ts'
import type { Augmentation, DataSection } from '../../src/document/types.ts'
import { examplesOf, messages, sectionOf, tableOf, tableSourceOf, valueOf } from './files.ts'

interface Warp {
  readonly shape: [number, number, number]
  readonly shift: [number, number]
  readonly degrees: number
  readonly zoom: number
  readonly flip: [boolean, boolean]
  readonly picture: number[]
  readonly result: number[]
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/augmentation.json', import.meta.url), 'utf8')) as {
  readonly warps: readonly Warp[]
  /** Shares and what lies below them. */
  readonly normal: readonly (readonly [number, number])[]
}

const still = { shift: [0, 0], angle: 0, zoom: 1, flip: [false, false] } as const

function random(shape: Shape, seed = 1, most = 255): Float32Array {
  const rng = new Rng(seed, 'pictures')
  return Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(0, most))
}
function warped(picture: ArrayLike<number>, shape: Shape, change: Partial<Omit<Variation, 'hole'>>): Float32Array {
  const out = new Float32Array(picture.length)
  warp(Float32Array.from(picture), out, shape, { ...still, ...change })
  return out
}
function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Array.from(a, (value, i) => Math.abs(value - (b[i] as number))).reduce((most, one) => Math.max(most, one), 0)
}
/** To the last bit. Of long arrays `toEqual` would take seconds. */
function isEqual(a: Features, b: Features): boolean {
  if (!(a instanceof Float32Array && b instanceof Float32Array)) return false
  const bytes = (of: Float32Array) => Buffer.from(of.buffer, of.byteOffset, of.byteLength)
  return bytes(a).equals(bytes(b))
}
const radians = (degrees: number) => (degrees * Math.PI) / 180
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length
function moment(values: ArrayLike<number>, power: number): number {
  const middle = mean(values)
  return mean(Array.from(values, (value) => (value - middle) ** power))
}

describe('a picture that is moved, turned, mirrored and zoomed', () => {
  test('is what scipy makes of it', () => {
    for (const { shape, picture, result, degrees, ...rest } of fixture.warps) {
      const angle = radians(degrees)
      expect(furthest(warped(picture, shape, { ...rest, angle }), result)).toBeLessThan(2e-3)
    }
    // Turned the other way it is something else, and so it is if it is moved before it is turned.
    const [turned, , , all] = fixture.warps as [Warp, Warp, Warp, Warp]
    expect(
      furthest(warped(turned.picture, turned.shape, { angle: -radians(turned.degrees) }), turned.result),
    ).toBeGreaterThan(10)
    const { picture, shape, shift, zoom, flip, degrees, result } = all
    const before = warped(picture, shape, { shift })
    expect(furthest(warped(before, shape, { angle: radians(degrees), zoom, flip }), result)).toBeGreaterThan(10)
  })

  test('by whole pixels keeps every one exactly and repeats the edge', () => {
    const shape = [5, 7, 3]
    const picture = random(shape)
    for (const [down, right] of [
      [2, -3],
      [-1, 0],
      [0, 6],
      [4, 4],
    ] as const) {
      const naive = Float32Array.from(picture, (_, k) => {
        const y = Math.min(4, Math.max(0, Math.floor(k / 21) - down))
        const x = Math.min(6, Math.max(0, (Math.floor(k / 3) % 7) - right))
        return picture[(y * 7 + x) * 3 + (k % 3)] as number
      })
      expect(warped(picture, shape, { shift: [down, right] })).toEqual(naive)
    }
  })

  test('is its mirror image, and itself when that is mirrored again', () => {
    const shape = [4, 5, 2]
    const picture = random(shape)
    const mirrored = warped(picture, shape, { flip: [false, true] })
    expect(mirrored.subarray(0, 2)).toEqual(picture.subarray(8, 10))
    const [upsideDown, both] = [
      warped(picture, shape, { flip: [true, false] }),
      warped(picture, shape, { flip: [true, true] }),
    ]
    expect(upsideDown.subarray(0, 10)).toEqual(picture.subarray(30, 40))
    expect(warped(upsideDown, shape, { flip: [false, true] })).toEqual(both)
    expect(warped(mirrored, shape, { flip: [false, true] })).toEqual(picture)
    expect(mirrored).not.toEqual(picture)
  })

  test('by quarters is a square again', () => {
    const shape = [6, 6, 2]
    const picture = random(shape)
    const quarter = warped(picture, shape, { angle: radians(90) })
    // Clockwise: what was the first column, from below, is the first row.
    const naive = Float32Array.from(picture, (_, k) => {
      const [y, x] = [Math.floor(k / 12), Math.floor(k / 2) % 6]
      return picture[((5 - x) * 6 + y) * 2 + (k % 2)] as number
    })
    expect(furthest(quarter, naive)).toBeLessThan(1e-3)
    expect(
      furthest(warped(quarter, shape, { angle: radians(90) }), warped(picture, shape, { flip: [true, true] })),
    ).toBeLessThan(2e-3)
    expect(furthest(quarter, picture)).toBeGreaterThan(10)
  })

  test('keeps a slope a slope', () => {
    const shape = [9, 11, 1]
    const slope = (y: number, x: number) => 3 * y - 2 * x
    const picture = Float32Array.from({ length: 99 }, (_, k) => slope(Math.floor(k / 11), k % 11))
    const larger = warped(picture, shape, { zoom: 2 })
    for (let k = 0; k < 99; k++)
      expect(larger[k]).toBeCloseTo(slope(4 + (Math.floor(k / 11) - 4) / 2, 5 + ((k % 11) - 5) / 2), 4)
  })
})

describe('what is drawn', () => {
  const shape = [20, 10, 1]
  const draws = (recipe: Omit<Augmentation, 'seed'>, count = 4000) =>
    Array.from({ length: count }, (_, i) => drawVariation({ seed: 1, ...recipe }, shape, new Rng(1, 'augment', 1, i)))
  /** Whether a share of so many is what chance gives: within five deviations. */
  const isNear = (found: number, share: number, count: number) =>
    Math.abs(found - share * count) < 5 * Math.sqrt(count * share * (1 - share))

  test('lies evenly within the bounds', () => {
    const all = draws({ shift: 0.1, rotate: 30, zoom: 0.5, flipHorizontal: true, flipVertical: true })
    for (const [k, steps] of [
      [0, 2],
      [1, 1],
    ] as const)
      for (let by = -steps - 1; by <= steps + 1; by++) {
        const found = all.filter(({ shift }) => shift[k] === by).length
        if (Math.abs(by) > steps) expect(found).toBe(0)
        else expect(isNear(found, 1 / (2 * steps + 1), all.length)).toBe(true)
      }
    for (let tenth = 0; tenth < 10; tenth++) {
      const within = (value: number) => value >= tenth / 10 && value < (tenth + 1) / 10
      const turned = all.filter(({ angle }) => within(angle / radians(60) + 0.5)).length
      const zoomed = all.filter(({ zoom }) => within(Math.log(zoom) / Math.log(1.5) / 2 + 0.5)).length
      expect([isNear(turned, 0.1, all.length), isNear(zoomed, 0.1, all.length)]).toEqual([true, true])
    }
    expect(isNear(all.filter(({ flip }) => flip[0]).length, 0.5, all.length)).toBe(true)
    expect(isNear(all.filter(({ flip }) => flip[1]).length, 0.5, all.length)).toBe(true)
    expect(isNear(all.filter(({ flip }) => flip[0] && flip[1]).length, 0.25, all.length)).toBe(true)
    // A coin that falls on one side six times of ten would be found out.
    expect(isNear(0.6 * all.length, 0.5, all.length)).toBe(false)
  })

  test('cuts holes of one size that reach all corners', () => {
    const holes = draws({ cutOut: 0.26 }).map(({ hole }) => hole)
    expect(new Set(holes.map(([, , tall, wide]) => `${tall} ${wide}`))).toEqual(new Set(['5 3']))
    expect([Math.min(...holes.map(([top]) => top)), Math.max(...holes.map(([top]) => top))]).toEqual([0, 15])
    expect([Math.min(...holes.map(([, left]) => left)), Math.max(...holes.map(([, left]) => left))]).toEqual([0, 7])
  })

  test('stays as it is when another kind is turned on', () => {
    const [few, many] = [draws({ rotate: 30 }, 20), draws({ rotate: 30, shift: 0.3, zoom: 1, cutOut: 0.5 }, 20)]
    expect(many.map(({ angle }) => angle)).toEqual(few.map(({ angle }) => angle))
    expect(few.every(({ shift, zoom, flip, hole }) => shift[0] === 0 && zoom === 1 && !flip[0] && hole[2] === 0)).toBe(
      true,
    )
    // Twice the bound is twice the turn.
    const wider = draws({ rotate: 60 }, 20).map(({ angle }) => angle)
    expect(
      furthest(
        wider,
        few.map(({ angle }) => 2 * angle),
      ),
    ).toBeLessThan(1e-12)
  })

  test('moves even the smallest picture, where it may move', () => {
    const small = Array.from({ length: 50 }, (_, i) =>
      drawVariation({ seed: 1, shift: 0.05 }, [3, 3, 1], new Rng(1, i)),
    )
    expect(new Set(small.map(({ shift }) => shift[0]))).toEqual(new Set([-1, 0, 1]))
  })
})

describe('noise', () => {
  const shape = [64, 64, 3]
  const noisy = (kind: 'bytes' | 'floats', noise: number, from: number) => {
    const values = new Float32Array(sizeOf(shape)).fill(from)
    augmenterFor({ seed: 5, noise }, shape, kind)(values, 0, 1)
    return values
  }

  test('has the quantiles of the normal distribution', () => {
    const table = normalQuantiles()
    for (const [share, value] of fixture.normal)
      expect(table[Math.floor(share * table.length)]).toBeCloseTo(value, share > 0.01 && share < 0.99 ? 2 : 1)
    expect(mean(table)).toBeCloseTo(0, 12)
    expect(moment(table, 2)).toBeCloseTo(1, 12)
    expect(moment(table, 4)).toBeCloseTo(3, 1)
  })

  test('has mean 0 and the deviation that is said, of which nothing is left between neighbours', () => {
    for (const [kind, noise, from, deviation] of [
      ['bytes', 0.05, 127, 12.75],
      ['floats', 0.05, 0.5, 0.05],
    ] as const) {
      const values = noisy(kind, noise, from)
      const error = deviation / Math.sqrt(values.length)
      expect(Math.abs(mean(values) - from)).toBeLessThan(4 * error)
      expect(Math.abs(Math.sqrt(moment(values, 2)) - deviation)).toBeLessThan(3 * error)
      expect(Math.abs(moment(values, 4) / moment(values, 2) ** 2 - 3)).toBeLessThan(0.2)
      for (const lag of [1, 3, 64 * 3]) {
        const pairs = Array.from(values.subarray(lag), (value, i) => (value - from) * ((values[i] as number) - from))
        expect(Math.abs(mean(pairs)) / deviation ** 2).toBeLessThan(5 / Math.sqrt(pairs.length))
      }
    }
  })

  test('keeps bytes between 0 and 255, and other numbers have no end', () => {
    const dark = noisy('bytes', 0.5, 10)
    expect(Math.min(...dark)).toBe(0)
    expect(Math.max(...dark)).toBe(255)
    expect(Math.min(...noisy('floats', 0.5, 0))).toBeLessThan(-1)
  })
})

test('a hole has the mean of the picture, channel by channel, and nothing else changes', () => {
  const shape = [8, 6, 2]
  const picture = random(shape)
  const cut = picture.slice()
  cutOut(cut, shape, [2, 1, 3, 4])
  const changed = Array.from(picture, (value, k) => value !== cut[k])
  expect(changed.filter(Boolean)).toHaveLength(3 * 4 * 2)
  const channel = (c: number) => mean(picture.filter((_, k) => k % 2 === c))
  for (let k = 0; k < picture.length; k++) {
    const [y, x] = [Math.floor(k / 12), Math.floor(k / 2) % 6]
    const isHole = y >= 2 && y < 5 && x >= 1 && x < 5
    if (isHole) expect(cut[k]).toBeCloseTo(channel(k % 2), 3)
    else expect(cut[k]).toBe(picture[k])
  }
})

describe('the pictures of a run', () => {
  const shape = [12, 10, 3]
  const everything: Augmentation = { ...USUAL_AUGMENTATION, flipHorizontal: true, noise: 0.05, cutOut: 0.3 }
  const seen = (recipe: Augmentation, example: number, epoch: number, of = augmenterFor(recipe, shape, 'bytes')) => {
    const values = random(shape, example)
    of(values, example, epoch)
    return values
  }

  test('are decided by seed, epoch and example, whatever came before', () => {
    const first = augmenterFor(everything, shape, 'bytes')
    const forwards = [0, 1, 2, 3].map((example) => seen(everything, example, 7, first))
    const backwards = [3, 2, 1, 0].map((example) => seen(everything, example, 7)).reverse()
    expect(backwards).toEqual(forwards)
    const picture = random(shape, 2)
    const same = (change: Partial<Augmentation>, example: number, epoch: number) => {
      const values = picture.slice()
      augmenterFor({ ...everything, ...change }, shape, 'bytes')(values, example, epoch)
      return values
    }
    expect(same({}, 2, 7)).toEqual(forwards[2])
    for (const other of [same({ seed: 2 }, 2, 7), same({}, 3, 7), same({}, 2, 8)])
      expect(furthest(other, forwards[2] as Float32Array)).toBeGreaterThan(10)
  })

  test('are untouched to the last bit where every bound is 0', () => {
    const nothing: Augmentation = { seed: 3, shift: 0, rotate: 0, zoom: 0, noise: 0, cutOut: 0 }
    expect(seen(nothing, 4, 1)).toEqual(random(shape, 4))
    expect([varies(nothing), varies({ seed: 3 }), varies(everything), varies({ seed: 0, flipVertical: true })]).toEqual(
      [false, false, true, true],
    )
  })
})

describe('data that are prepared', () => {
  const source = valueOf(generatedSource('strokeDigits', { count: 120 }))
  const raw = examplesOf(source)
  const size = sizeOf(raw.shape)
  const augmentation: Augmentation = { ...USUAL_AUGMENTATION, noise: 0.02, cutOut: 0.2 }
  const recipe = (of?: Augmentation): Partial<DataSection> => ({
    preparation: { scale: 'standardise', missing: 'fill', ...(of && { augmentation: of }) },
  })
  const madeOf = async (of?: Augmentation, budget = 2 ** 30) =>
    valueOf(await prepareFeed(raw, sectionOf(source, recipe(of)), budget))
  const all = ({ train }: PreparedData) => Uint32Array.from({ length: train.count }, (_, i) => i)
  async function inEpoch(features: Features, places: ArrayLike<number>, epoch: number): Promise<Float32Array> {
    if (features instanceof Float32Array) throw new Error('the same in each epoch')
    const out = new Float32Array(places.length * size)
    await features.write(out, places, epoch)
    return out
  }

  test('vary in training alone, and nothing is learnt from how they vary', async () => {
    const [plain, varied] = [await madeOf(), await madeOf(augmentation)]
    expect(varied.fitted).toEqual(plain.fitted)
    expect(varied.validation.features).toBeInstanceOf(Float32Array)
    expect(isEqual(varied.validation.features, plain.validation.features)).toBe(true)
    expect(varied.validation.targets).toEqual(plain.validation.targets)
    const asTheyAre = await inEpoch(varied.train.features, all(varied), 0)
    expect(isEqual(asTheyAre, plain.train.features)).toBe(true)
    const first = await inEpoch(varied.train.features, all(varied), 1)
    expect(furthest(first, asTheyAre)).toBeGreaterThan(0.5)
    expect(isEqual(first, asTheyAre)).toBe(false)
    // What a recipe without any bound leaves is what lies in memory.
    expect(isEqual((await madeOf({ seed: 4 })).train.features, plain.train.features)).toBe(true)
    const once = valueOf(prepare(raw, sectionOf(source, recipe(augmentation))))
    expect(isEqual(once.train.features, plain.train.features)).toBe(true)
    // Also of what is made from a file, validation is as it is in every epoch.
    const made = await madeOf(augmentation, 0)
    const places = all({ ...made, train: made.validation })
    expect(isEqual(await inEpoch(made.validation.features, places, 3), plain.validation.features)).toBe(true)
  })

  test('are each what the recipe makes of its own numbers, scaled after that', async () => {
    const { train, fitted } = await madeOf(augmentation)
    const rows = train.rows as Uint32Array
    const change = augmenterFor(augmentation, raw.shape, 'bytes')
    const { mean: middle, deviation } = fitted.columns[0] as { mean: number; deviation: number }
    // In any order, some twice, and again: a run that goes back sees the same.
    const places = [5, 0, 17, 5, 40]
    for (const epoch of [1, 2, 9, 1]) {
      const naive = places.flatMap((place) => {
        const row = rows[place] as number
        const values = Float32Array.from(raw.features.subarray(row * size, (row + 1) * size))
        change(values, row, epoch)
        return Array.from(values, (value) => (value - middle) / deviation)
      })
      expect(furthest(await inEpoch(train.features, places, epoch), naive)).toBeLessThan(1e-5)
    }
    const [first, second] = [await inEpoch(train.features, places, 1), await inEpoch(train.features, places, 2)]
    expect(first.subarray(0, size)).toEqual(first.subarray(3 * size, 4 * size))
    expect(first).not.toEqual(second)
  })

  test('are refused where they are no pictures', async () => {
    const table = await tableSourceOf('a,y\n1,u\n2,v\n3,u\n4,v\n')
    const loaded = await tableOf('a,y\n1,u\n2,v\n3,u\n4,v\n', table)
    const moons = valueOf(generatedSource('moons', { count: 40 }))
    for (const [data, from, words] of [
      [loaded, table, 'data.csv has the rows of a table'],
      [examplesOf(moons), moons, 'the generated set moons has examples of shape [2]'],
    ] as const) {
      const refused = `Only pictures (height, width, channels) can be varied, and ${words}; turn off that they vary.`
      expect(messages(prepare(data, sectionOf(from, recipe(augmentation))))).toEqual([refused])
      expect(messages(await prepareFeed(data, sectionOf(from, recipe(augmentation)), 2 ** 30))).toEqual([refused])
      expect(prepare(data, sectionOf(from, recipe()))).toMatchObject({ ok: true })
      await expect(variedOf(data, sectionOf(from))).rejects.toThrow(refused)
    }
  })

  test('are shown as the first epochs see them, of each class some, none that validates', async () => {
    const section = sectionOf(source, recipe(augmentation))
    const { shape, pictures } = await variedOf(raw, section)
    expect(shape).toEqual(raw.shape)
    const labels = pictures.map(({ label }) => Number(label))
    expect([labels.length, new Set(labels).size]).toEqual([6, 6])
    expect(labels).toEqual(labels.toSorted((a, b) => a - b))
    const change = augmenterFor(augmentation, raw.shape, 'bytes')
    const training = [...((await madeOf()).train.rows as Uint32Array)]
    for (const { looks } of pictures) {
      const row = training.find(
        (one) =>
          furthest(raw.features.subarray(one * size, (one + 1) * size) as Uint8Array, looks[0] as Uint8Array) === 0,
      )
      expect(row).toBeDefined()
      expect(looks).toHaveLength(4)
      for (const epoch of [1, 2, 3]) {
        const values = Float32Array.from(looks[0] as Uint8Array)
        change(values, row as number, epoch)
        expect(furthest(looks[epoch] as Uint8Array, values)).toBeLessThanOrEqual(0.501)
        expect(furthest(looks[epoch] as Uint8Array, looks[0] as Uint8Array)).toBeGreaterThan(10)
      }
    }
    // What the person has put right is right here too.
    const [first = 0] = training
    const wasCalled = raw.targets[first] as number
    const corrections = { [String(first)]: { target: String((wasCalled + 1) % 10) } }
    const put = await variedOf(raw, { ...section, corrections })
    const own = raw.features.subarray(first * size, (first + 1) * size) as Uint8Array
    const calledNow = put.pictures.find(({ looks }) => furthest(own, looks[0] as Uint8Array) === 0)?.label
    expect(calledNow).toBe(String((wasCalled + 1) % 10))
    const without = await variedOf(raw, { ...section, corrections: { [String(first)]: { exclude: true } } })
    const isThere = ({ pictures: some }: typeof put) =>
      some.some(({ looks }) => furthest(own, looks[0] as Uint8Array) === 0)
    expect([isThere({ shape, pictures }), isThere(without)]).toEqual([true, false])
    // As long as nothing is turned on there is nothing else to see.
    for (const { looks } of (await variedOf(raw, sectionOf(source))).pictures) expect(looks[2]).toEqual(looks[0])
  })

  test('are shown as bright as they are, in numbers of any size, and few where they are large', async () => {
    const large: RawExamples = {
      count: 2,
      shape: [600, 600, 3],
      features: random([2, 600, 600, 3], 1, 0.5),
      target: { kind: 'numbers', names: ['y'] },
      targets: Float32Array.of(1, 2.5),
    }
    const { pictures } = await variedOf(
      large,
      sectionOf(source, { ...recipe({ seed: 1, noise: 0.1 }), split: { validation: 0, seed: 1 } }),
    )
    expect(pictures.map(({ label }) => label)).toEqual(['1'])
    const [own, varied] = (pictures[0]?.looks ?? []) as [Uint8Array, Uint8Array]
    expect([Math.min(...own.subarray(0, 100_000)), Math.max(...own.subarray(0, 100_000))]).toEqual([0, 255])
    // The range is half of 1, so that a tenth of 1 is a fifth of it.
    const inside = Array.from(own, (byte, i) => (byte > 120 && byte < 136 ? (varied[i] as number) - byte : 0)).filter(
      (by) => by !== 0,
    )
    expect(Math.abs(Math.sqrt(moment(inside, 2)) - 51)).toBeLessThan(3)
  })
})
