// Blocks made of blocks: grouped, renamed, shown outside, kept, unpacked; chains that blocks are dragged into and out of;
// weights that two blocks share.
import type { Locator, Page } from '@playwright/test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GraphDocument } from '../../src/document/types.ts'
import {
  block,
  canvas,
  clear,
  example,
  expect,
  input,
  inspector,
  output,
  place,
  root,
  test,
  wire,
  wires,
} from './fixtures.ts'

const undo = (page: Page) => page.keyboard.press('ControlOrMeta+z')
const nodes = (page: Page) => page.locator('.svelte-flow__node')
const parameters = async (page: Page) => page.locator('.status b').first().innerText()

async function selectAll(page: Page, names: readonly string[]): Promise<void> {
  for (const [i, name] of names.entries())
    await block(page, name)
      .locator('header')
      .click(i > 0 ? { modifiers: ['ControlOrMeta'] } : {})
}
const chain = (page: Page, name: string): Locator => block(page, name).getByRole('list', { name: 'Blocks inside' })
const chained = (page: Page, name: string) => chain(page, name).getByRole('button').locator('.label')

async function dragTo(page: Page, from: Locator, x: number, y: number): Promise<void> {
  const box = await from.boundingBox()
  await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) + 12)
  await page.mouse.down()
  await page.mouse.move(x - 6, y - 6, { steps: 8 })
  await page.mouse.move(x, y, { steps: 4 })
  await page.mouse.up()
}

test('a selection is grouped, its port renamed, a parameter shown outside and changed there, and unpacked again', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  const before = await nodes(page).count()
  const size = await parameters(page)
  await selectAll(page, ['hidden', 'relu'])
  await page.keyboard.press('ControlOrMeta+g')
  await expect(nodes(page)).toHaveCount(before - 1)
  const composite = block(page, 'group')
  await expect(composite).toContainText('Dense → ReLU')
  expect(await parameters(page)).toBe(size)

  const panel = inspector(page)
  await panel.getByLabel('Title of the composite').fill('Layer of mine')
  await page.keyboard.press('Enter')
  await expect(composite.locator('.kind')).toHaveText('Layer of mine')
  const port = panel.getByLabel('Name of the input x')
  await port.fill('features')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Input features of group')).toBeAttached()
  await expect(page.locator('.status')).toContainText('No problems')

  await panel.locator('summary').filter({ hasText: 'hidden' }).click()
  await panel.getByRole('button', { name: 'Show Output features of hidden outside' }).click()
  const field = composite.getByRole('textbox', { name: 'Output features of group' })
  await expect(field).toHaveValue('16')
  await field.fill('32')
  await page.keyboard.press('Enter')
  await expect(panel.getByRole('textbox', { name: 'Output features' }).first()).toHaveValue('32')
  await expect.poll(() => parameters(page)).not.toBe(size)

  await composite.locator('header').click({ button: 'right' })
  await page.getByRole('menuitem', { name: /^Unpack/ }).click()
  await expect(nodes(page)).toHaveCount(before)
  await expect(block(page, 'hidden').getByRole('textbox')).toHaveValue('32')
  await undo(page)
  await expect(nodes(page)).toHaveCount(before - 1)
})

test('grouping is one step to undo', async ({ app: { page } }) => {
  await example(page, 'Iris')
  const before = await nodes(page).count()
  const drawn = await wires(page).count()
  await selectAll(page, ['hidden', 'relu'])
  await page.keyboard.press('ControlOrMeta+g')
  await expect(nodes(page)).toHaveCount(before - 1)
  await canvas(page).click({ position: { x: 6, y: 6 } })
  await undo(page)
  await expect(nodes(page)).toHaveCount(before)
  await expect(wires(page)).toHaveCount(drawn)
})

test('a composite of one’s own is kept in the palette, also after a reload, and taken out again', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  await selectAll(page, ['hidden', 'relu'])
  await page.keyboard.press('ControlOrMeta+g')
  await inspector(page).getByLabel('Title of the composite').fill('My layer')
  await page.keyboard.press('Enter')
  await inspector(page).getByRole('button', { name: 'Keep in the palette' }).click()
  const palette = page.getByRole('navigation', { name: 'Palette' })
  await expect(palette.getByRole('button', { name: 'My layer', exact: true })).toBeVisible()
  await page.reload()
  await expect(page.locator('.status')).toContainText('Engine ready')
  await clear(page)
  await place(page, 'My layer', 200, 120)
  await expect(nodes(page)).toContainText('Dense → ReLU')
  await palette.getByRole('button', { name: 'My layer', exact: true }).hover()
  await palette.getByRole('button', { name: 'Take My layer out of the palette' }).click()
  await expect(palette.getByRole('button', { name: 'My layer', exact: true })).toBeHidden()
  await expect(nodes(page)).toHaveCount(1)
})

test('what is kept in the palette is there after the program was started again, as is the drawing', async ({ app }) => {
  const kept = (page: Page) =>
    page.getByRole('navigation', { name: 'Palette' }).getByRole('button', { name: 'My layer', exact: true })
  await example(app.page, 'Iris')
  await selectAll(app.page, ['hidden', 'relu'])
  await app.page.keyboard.press('ControlOrMeta+g')
  await inspector(app.page).getByLabel('Title of the composite').fill('My layer')
  await app.page.keyboard.press('Enter')
  await inspector(app.page).getByRole('button', { name: 'Keep in the palette' }).click()
  await expect(kept(app.page)).toBeVisible()
  await expect
    .poll(() => app.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('waiting')).length))
    .toBe(0)
  await expect(app.page.locator('.status .draft')).toHaveText('All changes kept')

  const page = await app.restart()
  await expect(kept(page)).toBeVisible()
  await expect(page.getByLabel('Name of the document')).toHaveValue('Iris')
  await clear(page)
  await place(page, 'My layer', 200, 120)
  await expect(nodes(page)).toContainText('Dense → ReLU')

  await kept(page).hover()
  await page.getByRole('button', { name: 'Take My layer out of the palette' }).click()
  await page.getByRole('button', { name: 'Put it back' }).click()
  await expect(kept(page)).toBeVisible()
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await expect(kept(page)).toBeVisible()
})

test('blocks are dragged into a Sequential, within it, out of it, and from the canvas into it', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  await clear(page)
  await place(page, 'Sequential', 200, 40)
  const sequential = nodes(page).first()
  const palette = page.getByRole('navigation', { name: 'Palette' })
  await palette.getByRole('button', { name: 'ELU', exact: true }).dragTo(sequential.getByText('Dense → ReLU'))
  await expect(sequential).toContainText('Dense → ReLU → ELU')
  await undo(page)
  await sequential.getByRole('button', { name: 'Open' }).click()
  const names = () => chained(page, 'sequential').allInnerTexts()
  expect(await names()).toEqual(['dense', 'relu'])

  const row = chain(page, 'sequential').getByRole('button').filter({ hasText: 'relu' })
  await palette.getByRole('button', { name: 'Tanh', exact: true }).dragTo(row, { targetPosition: { x: 60, y: 3 } })
  await expect.poll(names).toEqual(['dense', 'tanh', 'relu'])
  await undo(page)
  await expect.poll(names).toEqual(['dense', 'relu'])
  await page.keyboard.press('ControlOrMeta+Shift+z')
  await expect.poll(names).toEqual(['dense', 'tanh', 'relu'])

  await chain(page, 'sequential').getByRole('button').filter({ hasText: 'tanh' }).focus()
  await page.keyboard.press('Alt+ArrowDown')
  await expect.poll(names).toEqual(['dense', 'relu', 'tanh'])

  await chain(page, 'sequential')
    .getByRole('button')
    .filter({ hasText: 'relu' })
    .dragTo(canvas(page), { targetPosition: { x: 560, y: 90 } })
  await expect.poll(names).toEqual(['dense', 'tanh'])
  await expect(block(page, 'relu')).toBeVisible()

  const list = await chain(page, 'sequential').boundingBox()
  await dragTo(page, block(page, 'relu').locator('header'), (list?.x ?? 0) + 60, (list?.y ?? 0) + 12)
  await expect.poll(names).toEqual(['relu', 'dense', 'tanh'])
  await expect(nodes(page)).toHaveCount(1)
  await undo(page)
  await expect(block(page, 'relu')).toBeVisible()
  await expect.poll(names).toEqual(['dense', 'tanh'])
})

test('the branches of an Inception can be seen inside', async ({ app: { page } }) => {
  await clear(page)
  await place(page, 'Inception', 200, 40)
  await nodes(page).getByRole('button', { name: 'Open' }).click()
  const map = nodes(page).getByRole('img', { name: /^Inside: / })
  await expect(map).toContainText('concat')
  expect(await map.locator('rect').count()).toBeGreaterThanOrEqual(9)
})

test('a second use shows whose weights it has, counts them once, and can be made independent', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  await clear(page)
  await place(page, 'Input', 110, 60)
  await place(page, 'Dense', 400, 60)
  await wire(page, output(page, 'input', 'x'), input(page, 'dense', 'x'))
  await block(page, 'dense').getByRole('textbox').fill('4')
  await page.keyboard.press('Enter')
  await block(page, 'dense').locator('header').click()
  await page.keyboard.press('ControlOrMeta+Shift+d')
  const use = block(page, 'dense2')
  await expect(use).toContainText('shares dense')
  await expect(block(page, 'dense')).toContainText('used in 2 places')
  await expect(block(page, 'dense').locator('.block')).toHaveClass(/kin/)
  await wire(page, output(page, 'dense', 'y'), input(page, 'dense2', 'x'))
  await expect(wires(page)).toHaveCount(2)
  await expect.poll(() => parameters(page)).toBe('20')

  // Either of them changes both.
  await use.getByRole('textbox').fill('5')
  await page.keyboard.press('Enter')
  await expect(block(page, 'dense').getByRole('textbox')).toHaveValue('5')
  await undo(page)

  await use.locator('header').click()
  await inspector(page).getByRole('button', { name: 'Make independent' }).click()
  await expect(use).not.toContainText('shares')
  await expect.poll(() => parameters(page)).toBe('40')
})

test('shared weights are trained as one set', async ({ app }, info) => {
  const { page } = app
  const path = info.outputPath('shared.json')
  const xor = JSON.parse(readFileSync(join(root, 'models/examples/xor.json'), 'utf8')) as GraphDocument
  const at = (x: number, y: number) => ({ position: { x, y } })
  const blocks = {
    ...xor.graph.blocks,
    again: { type: 'dense', name: 'again', ...at(0, 630), params: { features: 8 } },
    use: { type: 'dense', name: 'once more', ...at(250, 630), params: {}, shares: 'again' },
  }
  const wire = (from: string, to: string) => ({ from: { block: from, port: 'y' }, to: { block: to, port: 'x' } })
  const wires = { ...xor.graph.wires, w3: wire('b3', 'again'), w8: wire('again', 'use'), w9: wire('use', 'b4') }
  writeFileSync(path, JSON.stringify({ ...xor, graph: { blocks, wires } }))
  await app.choose(() => page.getByRole('button', { name: 'Open…' }).click(), path)
  await expect(block(page, 'once more')).toContainText('shares again')
  // 2 × 8 + 8, 8 × 8 + 8, 8 × 2 + 2
  await expect.poll(() => parameters(page)).toBe('114')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByText('again.weight').first()).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText('once more.weight')).toHaveCount(0)
})
