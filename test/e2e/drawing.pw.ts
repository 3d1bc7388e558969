// Drawing with the mouse: what is refused and why, what is undone, and what a block says when it does not fit.
import {
  block,
  canvas,
  clear,
  example,
  expect,
  hold,
  input,
  inspector,
  output,
  place,
  test,
  wire,
  wires,
} from './fixtures.ts'
import type { Page } from '@playwright/test'

const undo = (page: Page) => page.keyboard.press('ControlOrMeta+z')
const placeOf = async (page: Page, name: string) => {
  const box = await block(page, name).boundingBox()
  return { x: Math.round(box?.x ?? NaN), y: Math.round(box?.y ?? NaN) }
}

test('a wrong wire is refused while it is drawn, with the reason at the pointer', async ({ app: { page } }) => {
  await example(page, 'Stroke digits')
  await clear(page)
  await place(page, 'Input', 90, 60)
  await place(page, 'Dense', 300, 60)
  await place(page, 'Conv2D', 300, 240)
  await place(page, 'Target', 90, 240)
  await wire(page, output(page, 'input', 'x'), input(page, 'dense', 'x'))

  await hold(page, output(page, 'dense', 'y'), input(page, 'dense', 'x'))
  await expect(page.locator('.tip')).toContainText("can't feed itself")
  await page.mouse.up()
  await expect(wires(page)).toHaveCount(1)

  await hold(page, output(page, 'target', 'y'), input(page, 'conv2d', 'x'))
  await expect(page.locator('.tip')).toContainText('conv2d')
  await expect(input(page, 'dense', 'x')).toHaveClass(/fits/)
  await expect(input(page, 'conv2d', 'x')).toHaveClass(/refuses/)
  await page.mouse.up()
  await expect(page.locator('.tip')).toBeHidden()
  await expect(wires(page)).toHaveCount(1)
})

test('Escape lets go of a wire without drawing it', async ({ app: { page } }) => {
  await clear(page)
  await place(page, 'Input', 90, 60)
  await place(page, 'Flatten', 300, 60)
  await hold(page, output(page, 'input', 'x'), input(page, 'flatten', 'x'))
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await expect(wires(page)).toHaveCount(0)
  await wire(page, output(page, 'input', 'x'), input(page, 'flatten', 'x'))
  await expect(wires(page)).toHaveCount(1)
})

test('the end of a wire can be taken to another port, or away', async ({ app: { page } }) => {
  await clear(page)
  await place(page, 'Input', 90, 60)
  await place(page, 'Flatten', 320, 60)
  await place(page, 'ReLU', 320, 240)
  await wire(page, output(page, 'input', 'x'), input(page, 'flatten', 'x'))
  const end = page.locator('.svelte-flow__edgeupdater-target')
  await wire(page, end, input(page, 'relu', 'x'))
  await expect(wires(page)).toHaveCount(1)
  await expect(page.getByLabel('Wire from input to relu')).toBeAttached()
  const box = await end.boundingBox()
  await page.mouse.move((box?.x ?? 0) + 9, (box?.y ?? 0) + 9)
  await page.mouse.down()
  await page.mouse.move(900, 500, { steps: 6 })
  await page.mouse.up()
  await expect(wires(page)).toHaveCount(0)
  await undo(page)
  await expect(wires(page)).toHaveCount(1)
})

test('a block that does not fit says so in one sentence, and the list of problems leads to it', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  const dense = block(page, 'species')
  await dense.locator('header').click()
  await inspector(page).getByLabel('Output features').fill('5')
  await expect(block(page, 'loss').locator('.trouble')).toContainText('give the last layer 3 outputs')
  await expect(block(page, 'loss').getByRole('img')).toHaveAttribute('title', /give the last layer 3 outputs/)
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled()
  await page.locator('.status').getByRole('button', { name: '1 problem' }).click()
  await page.getByRole('region', { name: 'Problems' }).getByText('give the last layer 3 outputs').click()
  await expect(inspector(page).getByLabel('Name of the block')).toHaveValue('loss')
  await undo(page)
  await expect(page.locator('.status')).toContainText('No problems')
})

test('each gesture is one step to undo', async ({ app: { page } }) => {
  await example(page, 'Iris')
  const before = await placeOf(page, 'hidden')
  const header = await block(page, 'hidden').locator('header').boundingBox()
  await page.mouse.move((header?.x ?? 0) + 40, (header?.y ?? 0) + 12)
  await page.mouse.down()
  await page.mouse.move((header?.x ?? 0) + 90, (header?.y ?? 0) + 130, { steps: 12 })
  await page.mouse.up()
  await expect.poll(() => placeOf(page, 'hidden')).not.toEqual(before)
  await inspector(page).getByLabel('Output features').pressSequentially('24')
  await page.keyboard.press('Enter')
  await canvas(page).click({ position: { x: 6, y: 6 } })
  await undo(page)
  await expect(block(page, 'hidden').getByRole('textbox')).toHaveValue('16')
  await undo(page)
  await expect.poll(() => placeOf(page, 'hidden')).toEqual(before)
  await page.keyboard.press('ControlOrMeta+Shift+z')
  await expect.poll(() => placeOf(page, 'hidden')).not.toEqual(before)
})

test('blocks are copied, pasted, duplicated and selected with a box', async ({ app: { page } }) => {
  await example(page, 'XOR')
  const count = await page.locator('.svelte-flow__node').count()
  const box = await canvas(page).boundingBox()
  const from = { x: (box?.x ?? 0) + 4, y: (box?.y ?? 0) + 4 }
  await page.keyboard.down('Shift')
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + (box?.width ?? 0) - 8, from.y + (box?.height ?? 0) - 8, { steps: 8 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await expect(page.locator('.svelte-flow__node.selected')).toHaveCount(count)
  await page.keyboard.press('ControlOrMeta+c')
  await page.keyboard.press('ControlOrMeta+v')
  await expect(page.locator('.svelte-flow__node')).toHaveCount(2 * count)
  await undo(page)
  await expect(page.locator('.svelte-flow__node')).toHaveCount(count)
  // At the rim the box pans the drawing.
  await page.keyboard.press('Home')
  await block(page, 'hidden').locator('header').click()
  await page.keyboard.press('ControlOrMeta+d')
  await expect(block(page, 'hidden2')).toBeVisible()
  await page.keyboard.press('Backspace')
  await expect(page.locator('.svelte-flow__node')).toHaveCount(count)
})

test('a composite shows what it holds and can be unpacked', async ({ app: { page } }) => {
  await clear(page)
  await place(page, 'Hidden layer', 200, 120)
  await expect(page.locator('.svelte-flow__node')).toContainText('Dense → ReLU')
  await page.locator('.svelte-flow__node').getByRole('button', { name: 'Unpack' }).click()
  await expect(page.locator('.svelte-flow__node')).toHaveCount(2)
  await expect(wires(page)).toHaveCount(1)
  await undo(page)
  await expect(page.locator('.svelte-flow__node')).toHaveCount(1)
})

test('what is typed into a field stays there until it is a value', async ({ app: { page } }) => {
  await example(page, 'Iris')
  await block(page, 'hidden').locator('header').click()
  const field = inspector(page).getByLabel('Output features')
  await field.fill('many')
  await expect(inspector(page).getByRole('alert')).toContainText('must be a number, not “many”')
  await expect(block(page, 'hidden').getByRole('textbox')).toHaveValue('16')
  await page.keyboard.press('Escape')
  await expect(field).toHaveValue('16')
  await field.fill('4 * 5')
  await expect(block(page, 'hidden').getByRole('textbox')).toHaveValue('20')
})

test('a block is renamed by its key and by a double click on its name', async ({ app: { page } }) => {
  await example(page, 'Iris')
  await block(page, 'hidden').locator('header').click()
  await page.getByRole('tab', { name: 'Data' }).click()
  await page.keyboard.press('F2')
  const field = inspector(page).getByLabel('Name of the block')
  await expect(field).toBeFocused()
  await page.keyboard.type('first')
  await page.keyboard.press('Enter')
  await block(page, 'first').locator('header strong').dblclick()
  await expect(field).toBeFocused()
  await page.keyboard.type('loss')
  await page.keyboard.press('Enter')
  await expect(inspector(page).getByRole('alert')).toContainText('Another block is called "loss" already')
  await expect(block(page, 'first')).toBeVisible()
})
