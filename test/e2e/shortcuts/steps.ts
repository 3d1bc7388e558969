/** What a hand does on the canvas, and what is then drawn there; rows.ts says which row of the table is in which spec. */
import { expect, test, type Locator, type Page } from '@playwright/test'
import type { GraphDocument, Position } from '../../../src/document/types.ts'
import { block, canvas, input, output } from '../fixtures.ts'
import { drawn, rested } from '../waiting.ts'
import type { Row } from './rows.ts'

/** Marks what belongs to a row of the table. */
export const row = (name: Row, body: () => Promise<void>): Promise<void> => test.step(name, body)

/** Presses keys as the table of commands writes them: `Mod+Shift+Z`, `Alt+S U`. */
export async function press(page: Page, chord: string): Promise<void> {
  for (const keys of chord.split(' ')) {
    const named = keys.replace('Mod', 'ControlOrMeta')
    // A letter is pressed as it is without Shift.
    await page.keyboard.press(
      named.replace(/(^|\+)([A-Z])$/, (_all, before: string, letter: string) => before + letter.toLowerCase()),
    )
  }
  // Whoever measures next finds things where they are then.
  await drawn(page)
}

export interface Drawn {
  /** By name: where it lies, and in which state. */
  readonly blocks: { readonly [name: string]: string }
  readonly kinds: { readonly [name: string]: string }
  /** By its ends, with the points that it is led through. */
  readonly wires: readonly string[]
  readonly notes: readonly string[]
}

/** All that is drawn on the open canvas. */
export function drawing(page: Page): Promise<Drawn> {
  return page.evaluate(() => {
    const place = (node: HTMLElement) =>
      /translate\((.*?)px, ?(.*?)px\)/.exec(node.style.transform)?.slice(1, 3).join(' ') ?? '?'
    const all = [...document.querySelectorAll<HTMLElement>('.canvas .svelte-flow__node')]
    const name = (node: HTMLElement) => node.querySelector('header strong')?.textContent ?? ''
    const state = (node: HTMLElement) => (node.querySelector('.bypassed') ? ' bypassed' : '')
    const blocks = all.filter((node) => node.classList.contains('svelte-flow__node-block'))
    const notes = all.filter((node) => node.querySelector('.annotation'))
    return {
      blocks: Object.fromEntries(blocks.map((node) => [name(node), `${place(node)}${state(node)}`]).sort()),
      kinds: Object.fromEntries(
        blocks.map((node) => [name(node), node.querySelector('header .kind')?.textContent ?? '']).sort(),
      ),
      wires: [...document.querySelectorAll('.canvas .svelte-flow__edge')]
        .map((edge) => {
          const points = [...edge.querySelectorAll('circle.point')]
          const through = points.map((point) => `${point.getAttribute('cx')},${point.getAttribute('cy')}`).join(' ')
          return `${(edge.getAttribute('aria-label') ?? '').replace('Wire from ', '')}${through && ` by ${through}`}`
        })
        .sort(),
      notes: notes
        .map((node) => `${node.querySelector('section')?.getAttribute('aria-label') ?? ''} ${place(node)}`)
        .sort(),
    }
  })
}

/** Where a block lies on the canvas, whatever part of that is seen. */
export async function placeOf(page: Page, name: string): Promise<Position> {
  const [x = NaN, y = NaN] = ((await drawing(page)).blocks[name] ?? '').split(' ').map(Number)
  return { x, y }
}

/** Names of the selected blocks, in order. */
export const chosen = async (page: Page): Promise<string[]> =>
  (await page.locator('.canvas .svelte-flow__node.selected header strong').allTextContents()).sort()

/** Does something, and sees that it was one step: taken back, all is as before; done again, as after. */
export async function oneStep(page: Page, gesture: () => Promise<void>): Promise<{ before: Drawn; after: Drawn }> {
  const before = await drawing(page)
  await gesture()
  await expect.poll(() => drawing(page), { message: 'something is done' }).not.toEqual(before)
  const after = await rested(page, () => drawing(page), { times: 1 })
  await press(page, 'Mod+Z')
  await expect.poll(() => drawing(page), { message: 'one step takes it back' }).toEqual(before)
  await press(page, 'Mod+Shift+Z')
  await expect.poll(() => drawing(page), { message: 'one step does it again' }).toEqual(after)
  return { before, after }
}
/** Does something that is to change nothing. */
export async function nothingChanges(page: Page, gesture: () => Promise<void>): Promise<void> {
  const before = await drawing(page)
  await gesture()
  await page.waitForTimeout(120)
  expect(await drawing(page)).toEqual(before)
}

// Documents

type Blocks = {
  readonly [name: string]: readonly [type: string, x: number, y: number, params?: { readonly [name: string]: number }]
}

/** A document with blocks by their names, and wires between their first ports or those that are named: `a>b`, `a.y>b.x`. */
export function network(name: string, blocks: Blocks, wires: readonly string[]): GraphDocument {
  const end = (text: string, side: 'from' | 'to') => {
    const [block = '', port] = text.split('.')
    return { block, port: port ?? (side === 'to' || blocks[block]?.[0] === 'input' ? 'x' : 'y') }
  }
  return {
    format: 'neuroloom',
    version: 1,
    name,
    note: '',
    graph: {
      blocks: Object.fromEntries(
        Object.entries(blocks).map(([id, [type, x, y, params = {}]]) => [
          id,
          { type, name: id, position: { x, y }, params },
        ]),
      ),
      wires: Object.fromEntries(
        wires.map((text, i) => {
          const [from = '', to = ''] = text.split('>')
          return [`w${i + 1}`, { from: end(from, 'from'), to: end(to, 'to') }]
        }),
      ),
    },
    data: {
      source: {
        kind: 'generated',
        generator: 'xor',
        params: {},
        seed: 1,
        features: [2],
        target: { kind: 'classes', names: ['same', 'different'] },
      },
      preparation: { scale: 'standardise', missing: 'fill' },
      split: { validation: 0.2, seed: 1 },
    },
    training: { optimizer: { type: 'adam', params: {} }, batchSize: 16, epochs: 5, seed: 1 },
  }
}

/** A small network that trains, with a block beside it that nothing is wired to. */
export const small = network(
  'Small',
  {
    data: ['input', 0, 0],
    one: ['dense', 240, 0, { features: 8 }],
    act: ['relu', 480, 0],
    two: ['dense', 720, 0, { features: 2 }],
    loss: ['crossEntropy', 960, 0],
    truth: ['target', 720, 240],
    spare: ['tanh', 240, 320],
  },
  ['data>one', 'one>act', 'act>two', 'two>loss.prediction', 'truth>loss.target'],
)

/** Drops a document on the window. */
export async function drop(page: Page, document: GraphDocument): Promise<void> {
  await page.evaluate(
    ([name, text]) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([text], name))
      const event = (type: string) => new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })
      window.document.body.dispatchEvent(event('dragover'))
      window.document.body.dispatchEvent(event('drop'))
    },
    [`${document.name}.json`, JSON.stringify(document)] as const,
  )
  await expect(page.getByLabel('Name of the document')).toHaveValue(document.name)
}

/** Opens the small network in a window with as much canvas as there can be, at its actual size, with nothing that glides. */
export async function begin(page: Page, document = small): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await press(page, 'Mod+2')
  await press(page, 'Mod+3')
  await expect(page.getByRole('region', { name: 'Training charts' })).toBeHidden()
  await drop(page, document)
  const [first = ''] = Object.values(document.graph.blocks).map(({ name }) => name)
  await expect(block(page, first)).toBeVisible()
  await press(page, 'Mod+0')
  await expect.poll(() => zoomOf(page)).toBe(1)
}

/** Remembers settings of the window, which is opened anew. */
export async function settings(page: Page, values: { readonly [name: string]: unknown }): Promise<void> {
  await page.evaluate((values) => {
    const before = JSON.parse(localStorage.getItem('neuroloom.view') ?? '{}') as object
    localStorage.setItem('neuroloom.view', JSON.stringify({ ...before, ...values }))
  }, values)
  await page.reload()
  await expect(page.locator('.status')).toContainText('Engine ready')
}

export const zoomOf = async (page: Page): Promise<number> => (await viewOf(page)).zoom

/** Where the canvas is seen from. */
export function viewOf(page: Page): Promise<{ x: number; y: number; zoom: number }> {
  return page.evaluate(() => {
    const { a, e, f } = new DOMMatrix(
      getComputedStyle(document.querySelector('.canvas .svelte-flow__viewport') as Element).transform,
    )
    return { x: Math.round(e), y: Math.round(f), zoom: Number(a.toFixed(3)) }
  })
}

// The hand

export const nodes = (page: Page): Locator => page.locator('.canvas .svelte-flow__node-block')

export async function middle(locator: Locator): Promise<Position> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('It cannot be seen.')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}
/** On the head of a block, where nothing else is. */
export async function headOf(page: Page, name: string): Promise<Position> {
  return middle(block(page, name).locator('header'))
}
/** A point of the window for one of the canvas. */
export async function spot(page: Page, x: number, y: number): Promise<Position> {
  const view = await viewOf(page)
  const box = await canvas(page).boundingBox()
  return { x: (box?.x ?? 0) + view.x + x * view.zoom, y: (box?.y ?? 0) + view.y + y * view.zoom }
}
/** The middle of a wire between two ports. */
export async function alongWire(
  page: Page,
  from: readonly [string, string],
  to: readonly [string, string],
  share = 0.5,
) {
  const [a, b] = [await middle(output(page, ...from)), await middle(input(page, ...to))]
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share }
}

interface How {
  readonly button?: 'left' | 'right' | 'middle'
  readonly held?: readonly string[]
  /** Keys that are pressed only when it has begun. */
  readonly then?: readonly string[]
  /** Where one goes by. */
  readonly by?: readonly Position[]
  /** Looks at how it is before the button is let go. */
  readonly look?: () => Promise<void>
}
/** Drags with the mouse from one point of the window to another. */
export async function drag(page: Page, from: Position, to: Position, how: How = {}): Promise<void> {
  const { button = 'left', held = [], then = [], by = [], look } = how
  const key = (name: string) => name.replace('Mod', 'ControlOrMeta')
  await page.mouse.move(from.x, from.y)
  for (const name of held) await page.keyboard.down(key(name))
  await page.mouse.down({ button })
  await page.mouse.move(from.x + 3, from.y + 3)
  for (const name of then) await page.keyboard.down(key(name))
  if (by.length === 0) await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 })
  for (const point of by) await page.mouse.move(point.x, point.y, { steps: 2 })
  await page.mouse.move(to.x, to.y, { steps: 6 })
  await look?.()
  await page.mouse.up({ button })
  for (const name of [...held, ...then]) await page.keyboard.up(key(name))
}
/** Drags a block by its head, so far. */
export async function dragBlock(page: Page, name: string, by: Position, how: How = {}): Promise<void> {
  const from = await headOf(page, name)
  await drag(page, from, { x: from.x + by.x, y: from.y + by.y }, how)
}
/** Clicks heads, the first alone and the others in addition. */
export async function choose(page: Page, ...names: readonly string[]): Promise<void> {
  for (const [i, name] of names.entries())
    await block(page, name)
      .locator('header .mark')
      .click(i > 0 ? { modifiers: ['ControlOrMeta'] } : {})
  await expect.poll(() => chosen(page)).toEqual([...names].sort())
}
/** A click on canvas where nothing is. */
export async function nowhere(page: Page): Promise<void> {
  await canvas(page).click({ position: { x: 8, y: 8 } })
}
export const search = (page: Page): Locator => page.locator('.canvas .search[role=dialog]')
