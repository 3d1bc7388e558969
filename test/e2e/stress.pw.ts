// A drawing of 1,000 blocks is as fluid as the canvas library alone, with its own nodes, allows. The pages are measured in
// turns in one browser that draws as fast as it can; `npm run bench -- --canvas` measures longer and prints more.
import { test as base, expect, type Browser, type Locator, type Page } from '@playwright/test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { formatDocument } from '../../src/document/file.ts'
import { drawing, STEM } from '../../renderer/stress/drawing.ts'
import { runNode } from '../../scripts/setup.mjs'
import { inspector, ready, root, startHost } from './fixtures.ts'
import { framesOf, gestures, look, median, play, select, table, type Found, type Gesture, type Turn } from './stress.ts'

const BLOCKS = 1000
/** Of each gesture on each page; odd, as a median is taken of them. */
const ROUNDS = Number(process.env['STRESS_ROUNDS'] ?? 3)
/** Gestures with other names are not compared. */
const ONLY = new RegExp(process.env['STRESS_ONLY'] ?? '')
const FAR = 0.1
const NEAR = 0.8
/** How much longer a frame may take than with the library alone, and what a busy computer may add to that. */
const ALLOWED = 1.3
const NOISE = 1.2

const document = drawing(BLOCKS)
const places = Object.entries(document.graph.blocks).map(([id, { position }]) => ({ id, ...position }))
const between = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2
const middle = { x: between(places.map(({ x }) => x)) + 80, y: between(places.map(({ y }) => y)) + 60 }
const stem = places.find(({ id }) => id === STEM) ?? middle
const away = ({ x, y }: { x: number; y: number }) => Math.hypot(x - middle.x, y - middle.y)
const nearest = [...places].sort((a, b) => away(a) - away(b)).map(({ id }) => id)

interface Subject {
  readonly name: string
  readonly page: Page
  /** The number that all blocks depend on. */
  readonly field: Locator
}
interface Pages {
  readonly window: Subject
  readonly plain: Subject
  /** The library alone with nodes that look at where the canvas is. */
  readonly slow: () => Promise<Subject>
}

const test = base.extend<object, { pages: Pages }>({
  pages: [
    async ({ playwright, launchOptions }, use) => {
      const built = runNode(['node_modules/vite/bin/vite.js', 'build', '--config', 'vite.stress.config.ts'])
      if (!built.ok) throw new Error(built.output)
      const data = mkdtempSync(join(tmpdir(), 'neuroloom-stress-'))
      const file = join(data, 'stress.json')
      writeFileSync(file, formatDocument(document))
      const { host, address } = await startHost(data)
      const free = ['--disable-frame-rate-limit', '--disable-gpu-vsync']
      const browser = await playwright.chromium.launch({
        ...launchOptions,
        args: [...(launchOptions.args ?? []), ...free],
      })
      const window = await openWindow(browser, address, file)
      const size = await window.page.locator('.svelte-flow').evaluate((one) => one.getBoundingClientRect())
      await use({
        window,
        plain: await openPlain(browser, 'plain', size),
        slow: () => openPlain(browser, 'slow', size, '&slow'),
      })
      await browser.close()
      host.kill()
      rmSync(data, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 180_000 },
  ],
})

async function openWindow(browser: Browser, address: string, file: string): Promise<Subject> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.addInitScript(() => Object.defineProperty(globalThis, 'showOpenFilePicker', { value: undefined }))
  await page.goto(address)
  await ready(page)
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Open…' }).click(),
  ])
  await chooser.setFiles(file)
  await expect(page.getByLabel('Name of the document')).toHaveValue(document.name)
  await settled(page)
  return { name: 'window', page, field: inspector(page).getByLabel('Output features') }
}

/** The library alone, its canvas as large as the window's. */
async function openPlain(browser: Browser, name: string, size: DOMRect, more = ''): Promise<Subject> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const types: { [extension: string]: string } = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  await page.route('http://plain.test/**', (route) => {
    const path = new URL(route.request().url()).pathname
    const body = readFileSync(join(root, 'out/stress', path))
    return route.fulfill({ body, contentType: types[extname(path)] ?? 'text/plain' })
  })
  const { width, height } = size
  await page.goto(`http://plain.test/index.html?blocks=${BLOCKS}&width=${width}&height=${height}${more}`)
  await settled(page)
  return { name, page, field: page.getByRole('textbox') }
}

/** All blocks are measured once, and then the view fits. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('.svelte-flow__node').first()).toBeVisible({ timeout: 60_000 })
  await look(page, { ...middle, zoom: FAR })
  await expect(page.locator('.svelte-flow__node')).toHaveCount(BLOCKS, { timeout: 60_000 })
  await expect(page.locator('.svelte-flow__edge')).toHaveCount(Object.keys(document.graph.wires).length)
}

async function measure({ page, field }: Subject, { view, kind, selected }: Gesture): Promise<Turn> {
  await page.bringToFront()
  const zoom = view === 'far' ? FAR : NEAR
  const near = kind === 'scrub' ? { x: stem.x + 300, y: stem.y + 60 } : middle
  if (kind === 'scrub') await look(page, { ...stem, zoom: NEAR })
  else await look(page, { ...near, zoom })
  await select(page, kind === 'scrub' ? [STEM] : selected > 1 ? nearest.slice(0, selected) : [])
  if (kind === 'scrub') {
    await look(page, { ...(view === 'far' ? middle : near), zoom })
    await field.focus()
  }
  return play(page, kind, nearest[0] ?? '')
}

/** Gestures on all pages, in turns. */
async function compare(subjects: readonly Subject[], chosen: readonly Gesture[]): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const gesture of chosen) {
    const turns = new Map(subjects.map(({ name }) => [name, [] as Turn[]]))
    for (let round = 0; round < ROUNDS; round++)
      for (const subject of subjects) turns.get(subject.name)?.push(await measure(subject, gesture))
    found.push({ gesture, turns })
  }
  return found
}

/** What else the machine does may make either page slow for a while: measures again, a few times, what is not as it should be. */
async function until(
  right: (found: Found) => boolean,
  subjects: readonly Subject[],
  chosen: readonly Gesture[],
): Promise<readonly Found[]> {
  let found = await compare(subjects, chosen)
  for (let again = 0; again < 2 && !found.every(right); again++)
    found = [
      ...found.filter(right),
      ...(await compare(
        subjects,
        found.filter((one) => !right(one)).map(({ gesture }) => gesture),
      )),
    ]
  return found
}

/** The median over the rounds of how much longer a page's frames took than those of the library alone just before or after. */
function ratioOf({ turns }: Found, name: string): number {
  const plain = turns.get('plain') ?? []
  const means = (all: readonly Turn[]) => all.map(({ times }) => framesOf(times).mean)
  return median(means(turns.get(name) ?? []).map((mean, i) => mean / (means(plain)[i] ?? NaN)))
}

// A record of what happened would take part in the frames.
test.use({ trace: 'off' })

test.beforeEach(() => {
  test.skip(test.info().project.name === 'electron', 'It is measured in a browser.')
})

test('both pages hold as many nodes, edges and handles', async ({ pages: { window, plain } }) => {
  const count = async ({ page }: Subject) => ({
    nodes: await page.locator('.svelte-flow__node').count(),
    edges: await page.locator('.svelte-flow__edge').count(),
    handles: await page.locator('.svelte-flow__handle').count(),
  })
  await look(window.page, { ...middle, zoom: FAR })
  await look(plain.page, { ...middle, zoom: FAR })
  const found = await count(plain)
  expect(found.nodes).toBe(BLOCKS)
  expect(await count(window)).toEqual(found)
})

test('wires and blocks stay where they are however much is drawn of them', async ({ pages: { window } }) => {
  const { page } = window
  const seen = () =>
    page.evaluate(() => {
      const box = (one: Element) => [one.getAttribute('style'), (one as HTMLElement).offsetHeight] as const
      // Measured at another zoom a port lies a millionth of a pixel elsewhere.
      const whole = (path: string | null) => path?.replace(/\d+\.\d+/g, (number) => String(Math.round(Number(number))))
      const all = (selector: string) => [...globalThis.document.querySelectorAll(selector)]
      const id = (one: Element) => one.closest('[data-id]')?.getAttribute('data-id') ?? ''
      return {
        wires: Object.fromEntries(all('.svelte-flow__edge-path').map((one) => [id(one), whole(one.getAttribute('d'))])),
        blocks: Object.fromEntries(all('.svelte-flow__node').map((one) => [id(one), box(one)])),
      }
    })
  await look(page, { ...middle, zoom: NEAR })
  const near = await seen()
  expect(Object.keys(near.wires).length).toBeGreaterThan(10)
  expect(await page.locator('.svelte-flow__node footer').count()).toBeGreaterThan(5)
  for (const zoom of [0.5, 0.3, FAR]) {
    await look(page, { ...middle, zoom })
    await expect(page.locator('.svelte-flow__node').getByRole('textbox')).toHaveCount(0)
    const { wires, blocks } = await seen()
    for (const id of Object.keys(near.wires)) expect(wires[id], id).toBe(near.wires[id])
    for (const id of Object.keys(near.blocks)) expect(blocks[id], id).toEqual(near.blocks[id])
  }
})

test('while one zooms nothing is drawn in more detail, and once the view rests what is in view is', async ({
  pages: { window },
}) => {
  const { page } = window
  await page.bringToFront()
  await look(page, { ...middle, zoom: FAR })
  await expect(page.locator('.svelte-flow__node header')).toHaveCount(0)
  const { made, lacking, rested } = await page.evaluate(async () => {
    const { document } = globalThis
    const pane = document.querySelector('.svelte-flow__pane') as HTMLElement
    const { left, top, right, bottom, width, height } = pane.getBoundingClientRect()
    let made = 0
    const watch = new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) if (node instanceof Element && node.matches('.svelte-flow__node *')) made++
    })
    watch.observe(document.querySelector('.svelte-flow__nodes') as HTMLElement, { childList: true, subtree: true })
    const frame = () => new Promise(requestAnimationFrame)
    // In to 0.8 times, out to a quarter and in again: three octaves, and what lies between.
    const turns = [...Array<number>(12).fill(-125), ...Array<number>(12).fill(70), ...Array<number>(12).fill(-70)]
    for (const deltaY of turns) {
      const clientX = left + width / 2
      const clientY = top + height / 2
      pane.dispatchEvent(
        new WheelEvent('wheel', { view: globalThis.window, bubbles: true, cancelable: true, clientX, clientY, deltaY }),
      )
      await frame()
    }
    const during = made
    const whole = () => {
      const inView = [...document.querySelectorAll('.svelte-flow__node')].filter((node) => {
        const box = node.getBoundingClientRect()
        return box.left < right && box.right > left && box.top < bottom && box.bottom > top
      })
      return { inView: inView.length, lacking: inView.filter((node) => !node.querySelector('footer')).length }
    }
    const began = performance.now()
    while (whole().lacking > 0 && performance.now() - began < 5000) await frame()
    const rested = performance.now() - began
    // What is just out of view follows; nothing is left to be made then.
    await new Promise((done) => setTimeout(done, 1000))
    watch.disconnect()
    return { made: { during, after: made }, lacking: whole(), rested }
  })
  expect(made.during).toBe(0)
  expect(made.after).toBeGreaterThan(20)
  expect(lacking.inView).toBeGreaterThan(10)
  expect(lacking.lacking).toBe(0)
  if (process.env['STRESS_PRINT']) console.log(`Drawn whole ${Math.round(rested)} ms after the last turn of the wheel.`)
  // Where nothing else is computed it takes some 200.
  expect(rested).toBeLessThan(2000)
  await expect(page.locator('.svelte-flow__node')).toHaveCount(BLOCKS)
})

test('a block that one points at from far away has its ports', async ({ pages: { window } }) => {
  const { page } = window
  await page.bringToFront()
  await look(page, { ...middle, zoom: 0.3 })
  await expect(page.locator('.svelte-flow__node header')).toHaveCount(0)
  const block = page.locator(`.svelte-flow__node[data-id="${nearest[0] ?? ''}"]`)
  await block.hover()
  await expect(block.locator('header')).toHaveCount(1)
  const wires = await page.locator('.svelte-flow__edge').count()
  await block.locator('.svelte-flow__handle.source').hover()
  await page.mouse.down()
  await page.mouse.move(20, 20, { steps: 2 })
  await expect(page.locator('.svelte-flow__connection-path')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await expect(page.locator('.svelte-flow__edge')).toHaveCount(wires)
  await look(page, { ...middle, zoom: FAR })
})

test('frames take no longer than 1.3 times those of the library alone', async ({ pages: { window, plain } }) => {
  test.setTimeout(ROUNDS * 600_000)
  const chosen = gestures.filter(({ name }) => ONLY.test(name))
  const found = await until((one) => ratioOf(one, 'window') < ALLOWED * NOISE, [window, plain], chosen)
  const ratios = found.map((one) => `${one.gesture.name}: ${ratioOf(one, 'window').toFixed(2)}`)
  if (process.env['STRESS_PRINT']) console.log(`${table(found)}\n\n${ratios.join('\n')}`)
  for (const one of found) expect.soft(ratioOf(one, 'window'), one.gesture.name).toBeLessThan(ALLOWED * NOISE)
})

test('a node that looks at where the canvas is would be found out', async ({ pages: { plain, slow } }) => {
  test.setTimeout(300_000)
  const pan = gestures.filter(({ kind, view }) => kind === 'pan' && view === 'near')
  const [found] = await until((one) => ratioOf(one, 'slow') > ALLOWED * NOISE, [await slow(), plain], pan)
  expect(found && ratioOf(found, 'slow')).toBeGreaterThan(ALLOWED * NOISE)
})
