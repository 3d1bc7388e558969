/**
 * Frame times of a canvas while it is panned, zoomed and dragged. All is done by events that the page sends itself, one a
 * frame, so that two pages do the same however long their frames take; where they are drawn is told by them alone.
 */
import type { CDPSession, Page } from '@playwright/test'

/** Where one looks: at this place of the drawing, so large. */
export interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export interface Gesture {
  readonly name: string
  readonly view: 'near' | 'far'
  readonly kind: 'pan' | 'zoom' | 'drag' | 'scrub'
  /** How many blocks are selected. */
  readonly selected: number
}

export const gestures: readonly Gesture[] = [
  { name: 'pan, all in view', view: 'far', kind: 'pan', selected: 0 },
  { name: 'pan, near', view: 'near', kind: 'pan', selected: 0 },
  { name: 'zoom, from far to near and back', view: 'far', kind: 'zoom', selected: 0 },
  { name: 'drag one block, near', view: 'near', kind: 'drag', selected: 1 },
  { name: 'drag one block, all in view', view: 'far', kind: 'drag', selected: 1 },
  { name: 'drag 50 blocks, all in view', view: 'far', kind: 'drag', selected: 50 },
  { name: 'scrub a number, near', view: 'near', kind: 'scrub', selected: 0 },
  { name: 'scrub a number, all in view', view: 'far', kind: 'scrub', selected: 0 },
]

/** Steps of a gesture; even, as each ends where it began. */
const STEPS = Number(process.env['STRESS_STEPS'] ?? 24)
/** What the wheel turns from far to near: three octaves. */
const TURN = 1500

/** One gesture on one page: milliseconds of each frame, and those a frame that its main thread computed. */
export interface Turn {
  readonly times: readonly number[]
  readonly busy: number
}

export interface Found {
  readonly gesture: Gesture
  /** By the page's name. */
  readonly turns: ReadonlyMap<string, readonly Turn[]>
}

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0)

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN
}
export const median = (values: readonly number[]): number => quantile(values, 0.5)

export function framesOf(times: readonly number[]) {
  const middle = median(times)
  const share = (limit: number) => times.filter((time) => time > limit).length / times.length
  return {
    mean: sum(times) / times.length,
    median: middle,
    p95: quantile(times, 0.95),
    uneven: share(1.5 * middle),
    // What is due at 60 a second comes a little earlier or later.
    missed: share(17.5),
    long: share(50),
  }
}

export function table(found: readonly Found[]): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`.padStart(13)
  const number = (value: number) => value.toFixed(1).padStart(9)
  const head = ['mean', 'median', 'p95', 'computed'].map((name) => name.padStart(9)).join('')
  const shares = ['> 1.5 medians', '> 16.7 ms', '> 50 ms'].map((name) => name.padStart(13)).join('')
  const lines = [`${'milliseconds a frame'.padEnd(42)}${head}${shares}`]
  for (const { gesture, turns } of found)
    for (const [name, all] of turns) {
      const frames = framesOf(all.flatMap(({ times }) => times))
      const numbers = [frames.mean, frames.median, frames.p95, sum(all.map(({ busy }) => busy)) / all.length]
      const parts = [frames.uneven, frames.missed, frames.long]
      lines.push(
        `${gesture.name.padEnd(33)}${name.padEnd(9)}${numbers.map(number).join('')}${parts.map(percent).join('')}`,
      )
    }
  return lines.join('\n')
}

/** Brings a place of the drawing to the middle of the canvas. */
export async function look(page: Page, view: View): Promise<void> {
  await page.evaluate(async ({ x, y, zoom }) => {
    const pane = document.querySelector('.svelte-flow__pane') as HTMLElement
    const area = pane.getBoundingClientRect()
    const middle = { x: area.left + area.width / 2, y: area.top + area.height / 2 }
    const rest = () => new Promise((done) => setTimeout(done, 250))
    const now = () => {
      const style = getComputedStyle(document.querySelector('.svelte-flow__viewport') as HTMLElement)
      const matrix = new DOMMatrix(style.transform)
      return { x: matrix.e, y: matrix.f, zoom: matrix.a }
    }
    const send = (target: EventTarget, type: string, at: { x: number; y: number }, more: object = {}) =>
      target.dispatchEvent(
        new MouseEvent(type, { view: window, bubbles: true, cancelable: true, clientX: at.x, clientY: at.y, ...more }),
      )
    const deltaY = -Math.log2(zoom / now().zoom) / 0.002
    pane.dispatchEvent(
      new WheelEvent('wheel', {
        view: window,
        bubbles: true,
        cancelable: true,
        clientX: middle.x,
        clientY: middle.y,
        deltaY,
      }),
    )
    await rest()
    const seen = now()
    const to = {
      x: middle.x + area.width / 2 - x * seen.zoom - seen.x,
      y: middle.y + area.height / 2 - y * seen.zoom - seen.y,
    }
    send(pane, 'mousedown', middle, { button: 1, buttons: 4 })
    send(window, 'mousemove', { x: (middle.x + to.x) / 2, y: (middle.y + to.y) / 2 }, { button: 1, buttons: 4 })
    send(window, 'mousemove', to, { button: 1, buttons: 4 })
    send(window, 'mouseup', to, { button: 1 })
    await rest()
  }, view)
}

/** Selects these blocks and no others. */
export async function select(page: Page, ids: readonly string[]): Promise<void> {
  const click = (id: string, ctrlKey: boolean) =>
    page.evaluate(
      ({ id, ctrlKey }) =>
        document
          .querySelector(`.svelte-flow__node[data-id="${id}"]`)
          ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey })),
      { id, ctrlKey },
    )
  await page.keyboard.press('Escape')
  await page.evaluate(() => document.querySelector<HTMLElement>('.svelte-flow__pane')?.click())
  const [first, ...others] = ids
  if (first !== undefined) await click(first, false)
  await page.keyboard.down('Control')
  for (const id of others) await click(id, true)
  await page.keyboard.up('Control')
  const selected = await page.locator('.svelte-flow__node.selected').count()
  if (selected !== ids.length) throw new Error(`${selected} blocks are selected instead of ${ids.length}.`)
}

const sessions = new WeakMap<Page, CDPSession>()

/** Milliseconds for which the page's main thread has had a core. */
async function busyOf(page: Page): Promise<number> {
  let session = sessions.get(page)
  if (!session) {
    session = await page.context().newCDPSession(page)
    sessions.set(page, session)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  }
  const { metrics } = await session.send('Performance.getMetrics')
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN)
}

/** Does a gesture. `grip` is the block that is dragged; a number is scrubbed where the keyboard is. */
export async function play(page: Page, kind: Gesture['kind'], grip: string): Promise<Turn> {
  const before = await busyOf(page)
  const times = await frames(page, kind, grip)
  return { times, busy: ((await busyOf(page)) - before) / times.length }
}

function frames(page: Page, kind: Gesture['kind'], grip: string): Promise<number[]> {
  return page.evaluate(
    async ({ kind, grip, steps, turn }) => {
      const pane = document.querySelector('.svelte-flow__pane') as HTMLElement
      const area = pane.getBoundingClientRect()
      const middle = { x: area.left + area.width / 2, y: area.top + area.height / 2 }
      const frame = () => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now())))
      const mouse = (target: EventTarget, type: string, x: number, y: number, button: number) =>
        target.dispatchEvent(
          new MouseEvent(type, {
            view: window,
            bubbles: true,
            cancelable: true,
            clientX: x,
            clientY: y,
            button,
            buttons: type === 'mouseup' ? 0 : button === 1 ? 4 : 1,
          }),
        )
      const wheel = (deltaY: number) =>
        pane.dispatchEvent(
          new WheelEvent('wheel', {
            view: window,
            bubbles: true,
            cancelable: true,
            clientX: middle.x,
            clientY: middle.y,
            deltaY,
          }),
        )
      const node = document.querySelector<HTMLElement>(`.svelte-flow__node[data-id="${grip}"]`)
      const box = node?.getBoundingClientRect() ?? new DOMRect()
      const start = kind === 'drag' ? { x: box.left + box.width / 2, y: box.top + box.height / 4 } : middle
      const held: EventTarget = kind === 'drag' ? (node?.querySelector('header') ?? node ?? pane) : pane
      const button = kind === 'pan' ? 1 : 0
      const field = document.activeElement
      if (kind === 'scrub' && !(field instanceof HTMLInputElement)) throw new Error('No field has the keyboard.')
      if (kind === 'drag' && !node) throw new Error(`There is no block ${grip}.`)

      const step = (i: number) => {
        const back = i >= steps / 2
        // To and fro, so that it ends where it began.
        const far = back ? steps - 1 - i : i
        if (kind === 'zoom') wheel(((back ? 2 : -2) * turn) / steps)
        else if (kind === 'scrub')
          field?.dispatchEvent(
            new KeyboardEvent('keydown', { key: back ? 'ArrowDown' : 'ArrowUp', bubbles: true, cancelable: true }),
          )
        else mouse(window, 'mousemove', start.x + (200 * far) / steps, start.y + (80 * far) / steps, button)
      }
      if (kind === 'pan' || kind === 'drag') {
        mouse(held, 'mousedown', start.x, start.y, button)
        mouse(window, 'mousemove', start.x + 3, start.y, button)
      }
      for (let i = 0; i < 4; i++) await frame()
      const times: number[] = []
      let before = await frame()
      for (let i = 0; i < steps; i++) {
        step(i)
        const now = await frame()
        times.push(now - before)
        before = now
      }
      if (kind === 'pan' || kind === 'drag') mouse(window, 'mouseup', start.x, start.y, button)
      await new Promise((done) => setTimeout(done, 300))
      return times
    },
    { kind, grip, steps: STEPS, turn: TURN },
  )
}
