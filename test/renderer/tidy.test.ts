import { describe, expect, test } from 'vitest'
import { eased, glide, tidy, type Drawing, type Frames, type Layout, type Places } from '../../renderer/canvas/tidy.ts'
import { layoutOf, type LayoutOptions } from '../../src/document/layout.ts'

const drawing: Drawing = {
  blocks: ['a', 'b'].map((id) => ({ id, x: 5, y: 5, width: 160, height: 96, inputs: { x: 22 }, outputs: { y: 22 } })),
  wires: { w: { from: { block: 'a', port: 'y' }, to: { block: 'b', port: 'x' } } },
}

/** Answers as the real one does, when it is told to; messages are copied, as between threads. */
class FakeWorker {
  onmessage: ((event: { data: Layout }) => void) | null = null
  onerror: ((event: { message: string }) => void) | null = null
  onmessageerror: (() => void) | null = null
  ended = false
  #asked: { drawing: Drawing; options: LayoutOptions } | null = null
  postMessage(message: { drawing: Drawing; options: LayoutOptions }): void {
    this.#asked = structuredClone(message)
  }
  answer(): void {
    if (this.ended || !this.#asked) throw new Error('nothing to answer')
    this.onmessage?.({ data: structuredClone(layoutOf(this.#asked.drawing, this.#asked.options)) })
  }
  terminate(): void {
    this.ended = true
  }
}

function asked(signal?: AbortSignal, options?: LayoutOptions) {
  const worker = new FakeWorker()
  const result = tidy(drawing, options, signal, () => worker as unknown as Worker)
  return { worker, result }
}

describe('tidy', () => {
  test('gives what the layout gives, and ends its worker', async () => {
    const options = { fixed: new Set(['a']), columnGap: 40 }
    for (const option of [undefined, options]) {
      const { worker, result } = asked(undefined, option)
      worker.answer()
      expect(await result).toEqual(layoutOf(drawing, option))
      expect(worker.ended).toBe(true)
    }
    expect(layoutOf(drawing, options)).not.toEqual(layoutOf(drawing))
  })

  test('is aborted with the reason that is given', async () => {
    const controller = new AbortController()
    const { worker, result } = asked(controller.signal)
    expect(worker.ended).toBe(false)
    controller.abort()
    await expect(result).rejects.toMatchObject({ name: 'AbortError' })
    expect(worker.ended).toBe(true)
  })

  test('starts no worker where it was aborted before', async () => {
    let started = 0
    const result = tidy(drawing, {}, AbortSignal.abort(), () => {
      started++
      return new FakeWorker() as unknown as Worker
    })
    await expect(result).rejects.toMatchObject({ name: 'AbortError' })
    expect(started).toBe(0)
  })

  test('an abort that comes late changes nothing', async () => {
    const controller = new AbortController()
    const { worker, result } = asked(controller.signal)
    worker.answer()
    controller.abort()
    expect((await result).positions.size).toBe(2)
  })

  test('a worker that fails is an error with its message', async () => {
    const { worker, result } = asked()
    worker.onerror?.({ message: 'out of memory' })
    await expect(result).rejects.toThrow('The layout could not be computed: out of memory.')
    expect(worker.ended).toBe(true)
  })
})

describe('glide', () => {
  /** A screen whose time passes by hand. */
  class Screen implements Frames {
    time = 1000
    #waiting = new Map<number, () => void>()
    #last = 0
    now(): number {
      return this.time
    }
    next(frame: () => void): number {
      this.#waiting.set(++this.#last, frame)
      return this.#last
    }
    cancel(frame: number): void {
      this.#waiting.delete(frame)
    }
    pass(milliseconds: number): void {
      this.time += milliseconds
      const due = [...this.#waiting.values()]
      this.#waiting.clear()
      for (const frame of due) frame()
    }
    get idle(): boolean {
      return this.#waiting.size === 0
    }
  }

  const from: Places = new Map([
    ['a', { x: 0, y: 0 }],
    ['gone', { x: 1, y: 1 }],
  ])
  const to: Places = new Map([
    ['a', { x: 100, y: -40 }],
    ['new', { x: 7, y: 8 }],
  ])

  test('goes from here to there in the time given, and ends exactly there', async () => {
    const screen = new Screen()
    const seen: Places[] = []
    const { done } = glide(from, to, 200, (places) => seen.push(places), false, screen)
    expect(seen).toEqual([])
    for (const step of [50, 50, 50, 49, 30, 30]) screen.pass(step)
    // Cubic, slow at both ends: 4 · 0.25³ = 1/16 of the way after a quarter of the time.
    expect(seen.map((places) => places.get('a')?.x)).toEqual([6.25, 50, 93.75, expect.closeTo(100 - 5e-5, 6), 100])
    expect(seen[0]?.get('a')?.y).toBe(-2.5)
    expect(seen[0]?.get('new')).toEqual({ x: 7, y: 8 })
    expect(seen.at(-1)).toEqual(to)
    expect(seen.some((places) => places.has('gone'))).toBe(false)
    expect(await done).toBe(true)
    expect(screen.idle).toBe(true)
  })

  test('stops where the next edit comes, and shows nothing more', async () => {
    const screen = new Screen()
    const seen: Places[] = []
    const one = glide(from, to, 200, (places) => seen.push(places), false, screen)
    screen.pass(50)
    one.stop()
    one.stop()
    expect(screen.idle).toBe(true)
    screen.pass(50)
    expect(seen.length).toBe(1)
    expect(await one.done).toBe(false)
  })

  test('may be stopped by what it calls', async () => {
    const screen = new Screen()
    let frames = 0
    const one = glide(from, to, 200, () => (frames++, one.stop()), false, screen)
    screen.pass(50)
    screen.pass(50)
    expect(frames).toBe(1)
    expect(await one.done).toBe(false)
  })

  test.each([
    ['the person wants no motion', 200, true],
    ['there is no time', 0, false],
  ])('jumps at once where %s', async (_why, milliseconds, reduced) => {
    const screen = new Screen()
    const seen: Places[] = []
    const { done } = glide(from, to, milliseconds, (places) => seen.push(places), reduced, screen)
    expect(seen).toEqual([to])
    expect(await done).toBe(true)
    expect(screen.idle).toBe(true)
  })

  test('the easing is level at its ends and the same backwards', () => {
    expect([eased(0), eased(0.5), eased(1)]).toEqual([0, 0.5, 1])
    for (const share of [0.1, 0.25, 0.4]) expect(eased(share) + eased(1 - share)).toBeCloseTo(1, 12)
    expect(eased(0.001)).toBeLessThan(1e-8)
  })
})
