import { describe, expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { xAxis, yAxis } from '../../renderer/charts/axes.ts'
import { CurveView, spanOf } from '../../renderer/charts/curve-view.ts'
import { decimate, type Point } from '../../renderer/charts/decimate.ts'
import { curvesToCsv } from '../../renderer/charts/export.ts'
import { nearest, Series } from '../../renderer/charts/series.ts'
import { Smoother } from '../../renderer/charts/smoothing.ts'
import type { ChartTheme } from '../../renderer/charts/theme.ts'

function seriesOf(values: readonly number[], steps = values.map((_, i) => i + 1), name = 'train.loss'): Series {
  const series = new Series(name)
  series.append(steps, values)
  return series
}

function noise(count: number, seed = 1): number[] {
  const random = new Rng(seed)
  return Array.from({ length: count }, () => random.normal())
}

describe('a series', () => {
  test('keeps every point in order while it grows past its buffers', () => {
    const values = noise(5000)
    const series = new Series('train.loss')
    for (let i = 0; i < values.length; i += 37) {
      const part = values.slice(i, i + 37)
      series.append(
        part.map((_, k) => i + k + 1),
        part,
      )
    }
    expect([...series.values]).toEqual(values)
    expect([...series.steps]).toEqual(values.map((_, i) => i + 1))
    expect(series.lastStep).toBe(5000)
  })

  test('knows its best point and passes over what is not a number', () => {
    const series = seriesOf([NaN, 3, 1, Infinity, 1, -Infinity, 2])
    expect(series.best('lower')).toBe(2)
    expect(series.best('higher')).toBe(1)
    expect(seriesOf([NaN, Infinity]).best('lower')).toBe(-1)
  })

  test('the nearest step is found as by looking at all of them', () => {
    const random = new Rng(3)
    for (let round = 0; round < 50; round++) {
      const steps = Array.from({ length: 1 + random.integer(20) }, () => random.integer(100)).sort((a, b) => a - b)
      const wanted = random.uniform(-10, 110)
      const distances = steps.map((step) => Math.abs(step - wanted))
      const found = steps[nearest(steps, wanted)] as number
      expect(Math.abs(found - wanted)).toBe(Math.min(...distances))
    }
    expect(nearest([], 5)).toBe(-1)
  })
})

describe('smoothing', () => {
  /** The definition, point by point. */
  function naive(steps: readonly number[], values: readonly number[], weight: number): number[] {
    return values.map((value, i) => {
      if (!Number.isFinite(value)) return NaN
      let sum = 0
      let total = 0
      for (let k = 0; k <= i; k++) {
        if (!Number.isFinite(values[k])) continue
        const share = weight ** ((steps[i] as number) - (steps[k] as number))
        sum += share * (values[k] as number)
        total += share
      }
      return sum / total
    })
  }

  test('is the weighted mean of all points so far', () => {
    const values = noise(200)
    const random = new Rng(9)
    let step = 0
    const steps = values.map(() => (step += 1 + random.integer(4)))
    for (const weight of [0, 0.5, 0.9, 0.99]) {
      const smooth = new Smoother(weight).follow(seriesOf(values, steps))
      const expected = naive(steps, values, weight)
      smooth.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 10))
    }
  })

  test('leaves a constant as it is from the first point on, which without the division it would not', () => {
    const smooth = new Smoother(0.99).follow(seriesOf(new Array<number>(50).fill(7)))
    for (const value of smooth) expect(value).toBeCloseTo(7, 10)
    let biased = 0
    for (let i = 0; i < 50; i++) biased = 0.99 * biased + 0.01 * 7
    expect(biased).toBeLessThan(3)
  })

  test('answers a step as the geometric series does', () => {
    const values = [...new Array<number>(20).fill(0), ...new Array<number>(20).fill(1)]
    const smooth = new Smoother(0.8).follow(seriesOf(values))
    for (let k = 1; k <= 20; k++) expect(smooth[19 + k]).toBeCloseTo((1 - 0.8 ** k) / (1 - 0.8 ** (20 + k)), 10)
  })

  test('gives the same whether the points come at once or one by one', () => {
    const values = noise(700)
    const whole = [...new Smoother(0.9).follow(seriesOf(values))]
    const growing = new Series('train.loss')
    const smoother = new Smoother(0.9)
    let last = new Float64Array()
    values.forEach((value, i) => {
      growing.append([i + 1], [value])
      last = smoother.follow(growing) as Float64Array<ArrayBuffer>
    })
    expect([...last]).toEqual(whole)
  })

  test('follows a series that was cut and has grown again beyond its old length', () => {
    const series = seriesOf([1, 2, 3, 4])
    const smoother = new Smoother(0.9)
    smoother.follow(series)
    series.cut(2)
    series.append([3, 4, 5], [7, 8, 9])
    expect([...smoother.follow(series)]).toEqual([...new Smoother(0.9).follow(seriesOf([1, 2, 7, 8, 9]))])
  })

  test('one bad batch leaves a gap and nothing more', () => {
    const smooth = new Smoother(0.9).follow(seriesOf([1, 1, NaN, 1, 1]))
    expect([...smooth].map((value) => Number.isNaN(value))).toEqual([false, false, true, false, false])
    expect(smooth[4]).toBeCloseTo(1, 10)
  })

  test('begins anew where the steps go back', () => {
    const smooth = new Smoother(0.9).follow(seriesOf([5, 5, 1, 1], [1, 2, 1, 2]))
    expect(smooth[3]).toBeCloseTo(1, 10)
  })
})

describe('decimation', () => {
  const steps = Array.from({ length: 20_000 }, (_, i) => i)
  const values = noise(20_000)
  values[7_777] = 100
  values[12_345] = -100
  const window = { low: 0, high: 19_999, width: 300 }

  test('keeps the lowest and the highest point of every column of pixels', () => {
    const points = decimate(steps, values, window)
    expect(points.length).toBeLessThanOrEqual(4 * 301)
    const column = (x: number) => Math.floor(((x - window.low) / (window.high - window.low)) * window.width)
    const extent = (all: readonly Point[]) => {
      const columns = new Map<number, [number, number]>()
      for (const { x, y } of all) {
        const known = columns.get(column(x)) ?? [Infinity, -Infinity]
        columns.set(column(x), [Math.min(known[0], y), Math.max(known[1], y)])
      }
      return columns
    }
    expect(extent(points)).toEqual(extent(steps.map((x, i) => ({ x, y: values[i] as number }))))
  })

  test('keeps spikes that taking every n-th point loses', () => {
    const points = decimate(steps, values, window)
    expect(points.some(({ y }) => y === 100)).toBe(true)
    expect(points.some(({ y }) => y === -100)).toBe(true)
    const plain = values.filter((_, i) => i % 66 === 0)
    expect(plain).not.toContain(100)
  })

  test('goes through points of the curve only, in their order', () => {
    const points = decimate(steps, values, window)
    points.forEach(({ x, y }, i) => {
      expect(y).toBe(values[x])
      if (i > 0) expect(x).toBeGreaterThan((points[i - 1] as Point).x)
    })
    expect(points[0]?.x).toBe(0)
    expect(points.at(-1)?.x).toBe(19_999)
  })

  test('gives all points where there is room for them', () => {
    const few = [3, 1, 4, 1, 5]
    expect(decimate([0, 1, 2, 3, 4], few, { low: 0, high: 4, width: 300 }).map(({ y }) => y)).toEqual(few)
  })

  test('a window takes one neighbour on each side, so that the line reaches the edges', () => {
    const line = decimate([0, 10, 20, 30, 40], [0, 1, 2, 3, 4], { low: 12, high: 28, width: 300 })
    expect(line.map(({ x }) => x)).toEqual([10, 20, 30])
    const between = decimate([0, 10, 20, 30], [0, 1, 2, 3], { low: 12, high: 18, width: 300 })
    expect(between.map(({ x }) => x)).toEqual([10, 20])
    const beyond = decimate([0, 10], [0, 1], { low: 50, high: 60, width: 300 })
    expect(beyond).toEqual([])
  })

  test('breaks the line at values that are not finite and where the steps go back', () => {
    const gap = decimate([0, 1, 2, 3], [1, NaN, 3, 4], { low: 0, high: 3, width: 300 })
    expect(gap.map(({ y }) => y)).toEqual([1, NaN, 3, 4])
    const back = decimate([0, 1, 2, 1, 2], [1, 2, 3, 20, 30], { low: 0, high: 2, width: 300 })
    expect(back.map(({ y }) => y)).toEqual([1, 2, 3, NaN, 20, 30])
  })
})

describe('axes', () => {
  test('counts steps or epochs of the same span, and marks the ends of epochs', () => {
    const steps = xAxis([0, 1000], 100, 'step', 700)
    const epochs = xAxis([0, 1000], 100, 'epoch', 700)
    expect(steps.ticks.map((tick) => tick.label)).toEqual([
      '0',
      '100',
      '200',
      '300',
      '400',
      '500',
      '600',
      '700',
      '800',
      '900',
    ])
    expect(epochs.ticks.map((tick) => tick.value)).toEqual(steps.ticks.map((tick) => tick.value))
    expect(epochs.ticks[3]?.label).toBe('3')
    expect(steps.marks).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
  })

  test('never marks more epochs than there is room for', () => {
    const { marks } = xAxis([0, 100_000], 10, 'step', 300)
    expect(marks.length).toBeLessThanOrEqual(50)
    expect(marks.every((mark) => mark % 10 === 0)).toBe(true)
  })

  test('a loss that is never negative has no negative axis, a share none above 100 %', () => {
    const line = [
      { x: 0, y: 0.01 },
      { x: 1, y: 0.99 },
    ]
    const loss = yAxis([line], { logarithmic: false, percent: false, height: 200 })
    expect(loss.low).toBe(0)
    expect(loss.high).toBeGreaterThan(0.99)
    const share = yAxis([line], { logarithmic: false, percent: true, height: 200 })
    expect(share.high).toBe(1)
    expect(share.ticks.at(-1)?.label).toBe('100\u202f%')
  })

  test('a logarithmic axis passes over zero and covers the rest', () => {
    const axis = yAxis(
      [
        [
          { x: 0, y: 0 },
          { x: 1, y: 0.001 },
          { x: 2, y: 10 },
        ],
      ],
      { logarithmic: true, percent: false, height: 200 },
    )
    expect(axis.logarithmic).toBe(true)
    expect(axis.low).toBeGreaterThan(0)
    expect(axis.low).toBeLessThanOrEqual(0.001)
    expect(axis.high).toBeGreaterThanOrEqual(10)
    const none = yAxis([[{ x: 0, y: 0 }]], { logarithmic: true, percent: false, height: 200 })
    expect(none.high).toBeGreaterThan(none.low)
  })
})

describe('a chart of the loss', () => {
  const theme = { loss: 'blue', lossStrong: 'navy', metric: 'green', metricStrong: 'darkgreen' } as ChartTheme
  const view = new CurveView({ name: 'loss', title: 'Loss', better: 'lower', percent: false })
  const all = new Map([
    ['train.loss', seriesOf([4, 2, 3, 1])],
    ['validation.loss', seriesOf([2.5, 1.5], [2, 4], 'validation.loss')],
  ])
  const settings = { smoothing: 0.5, logarithmic: false, counts: 'step', zoom: null } as const
  const size = { width: 400, height: 150 }

  test('shows validation in front, smoothed training behind it, and the raw batches faintly at the back', () => {
    const drawing = view.draw(all, settings, 2, spanOf(all), size, theme)
    expect(drawing.lines.map((line) => line.colour)).toEqual(['navy', 'blue', expect.stringContaining('transparent')])
    expect(drawing.lines[2]?.points.map(({ y }) => y)).toEqual([4, 2, 3, 1])
    expect(drawing.best).toEqual({ x: 4, y: 1.5 })
  })

  test('without smoothing there is one training line, and the best point is left out where it is not in view', () => {
    const drawing = view.draw(all, { ...settings, smoothing: 0, zoom: [1, 3] }, 2, spanOf(all), size, theme)
    expect(drawing.lines).toHaveLength(2)
    expect(drawing.best).toBeNull()
    expect(drawing.axes.x.low).toBe(1)
  })

  test('reads raw and smoothed values at the crosshair', () => {
    const [train, validation] = view.read(all, 0.5, 2.9, theme)
    expect(train).toMatchObject({ step: 3, raw: 3 })
    expect(train?.value).toBeCloseTo((3 + 0.5 * 2 + 0.25 * 4) / 1.75, 10)
    expect(validation).toMatchObject({ step: 2, value: 2.5, raw: null })
  })
})

describe('a loss of several parts', () => {
  const parts = ['loss.first', 'loss.second', 'penalty'].map((name, part) => {
    return { name, title: name, better: 'lower', percent: false, part } as const
  })
  const total = { name: 'loss', title: 'Total', better: 'lower', percent: false } as const
  const palette = { loss: 'blue', lossStrong: 'navy', part1: 'orange', part2: 'purple', part3: 'green' } as ChartTheme
  const all = new Map(
    ['loss', 'loss.first', 'loss.second', 'penalty'].flatMap((name, i) => [
      [`train.${name}`, seriesOf([4 + i, 2 + i, 3 + i, 1 + i], undefined, `train.${name}`)] as const,
      [`validation.${name}`, seriesOf([2 + i, 1 + i], [2, 4], `validation.${name}`)] as const,
    ]),
  )
  const settings = { smoothing: 0.5, logarithmic: false, counts: 'step', zoom: null } as const
  const size = { width: 400, height: 150 }
  const draw = (view: CurveView) => view.draw(all, settings, 2, spanOf(all), size, palette)

  test('each part has a colour and dashes of its own beside the solid total', () => {
    const { lines } = draw(new CurveView(total, [total, ...parts]))
    const of = (colour: string) => lines.filter((line) => line.colour === colour)
    expect(['navy', 'blue', 'orange', 'purple', 'green'].map((colour) => of(colour).length)).toEqual([1, 1, 2, 2, 2])
    const looks = ['orange', 'purple', 'green'].map((colour) => of(colour)[0]?.dash?.join(' '))
    expect(new Set(looks).size).toBe(3)
    expect(of('navy')[0]?.dash).toEqual([])
  })

  test('a part keeps its look while others are switched off, and the axis follows what is left', () => {
    const view = new CurveView(
      total,
      [parts[1], parts[2]].filter((part) => part !== undefined),
    )
    const drawing = draw(view)
    expect(new Set(drawing.lines.map((line) => line.colour))).toEqual(new Set(['purple', 'green']))
    expect(drawing.best).toBeNull()
    expect(drawing.axes.y.low).toBeGreaterThanOrEqual(draw(new CurveView(total, [total, ...parts])).axes.y.low)
  })

  test('the crosshair reads every curve that is drawn, by name', () => {
    const readings = new CurveView(total, [total, ...parts]).read(all, 0, 4, palette)
    expect(readings.map(({ label, value }) => [label, value])).toEqual([
      ['Total training', 1],
      ['Total validation', 1],
      ['loss.first training', 2],
      ['loss.first validation', 2],
      ['loss.second training', 3],
      ['loss.second validation', 3],
      ['penalty training', 4],
      ['penalty validation', 4],
    ])
    expect(readings.filter((reading) => reading.subject === 'penalty')).toHaveLength(2)
  })

  test('smoothing follows each curve by itself', () => {
    const view = new CurveView(total, [total, ...parts])
    const values = (step: number) => view.read(all, 0.5, step, palette).map(({ value }) => value)
    expect(values(3)).toEqual(values(3))
    const [first, , second] = values(3)
    expect((second ?? NaN) - (first ?? NaN)).toBeCloseTo(1, 10)
  })
})

test('CSV holds every point of every curve in a row for each step', () => {
  const text = curvesToCsv(
    [
      seriesOf([1, 0.5, 0.25, NaN]),
      seriesOf([0.7, 0.6], [2, 4], 'validation.loss'),
      seriesOf([], [], 'odd "name", this'),
    ],
    2,
  )
  expect(text.split('\r\n')).toEqual([
    'step,epoch,train.loss,validation.loss,"odd ""name"", this"',
    '1,0.5,1,,',
    '2,1,0.5,0.7,',
    '3,1.5,0.25,,',
    '4,2,NaN,0.6,',
    '',
  ])
})
