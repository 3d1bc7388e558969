/** Numbers that ripple while they are dragged, constants, and several blocks at once. */
import type { Locator, Page } from '@playwright/test'
import { block, canvas, example, expect, inspector, test } from './fixtures.ts'

const undo = (page: Page) => page.keyboard.press('ControlOrMeta+z')
const redo = (page: Page) => page.keyboard.press('ControlOrMeta+Shift+z')
const features = (page: Page) => inspector(page).getByLabel('Output features')
const onCanvas = (page: Page, name: string) => block(page, name).locator('input.number')
const leave = (page: Page) => canvas(page).click({ position: { x: 6, y: 6 } })

/** Holds the mouse on it and moves sideways; the button stays down. */
async function drag(page: Page, what: Locator, by: number): Promise<void> {
  const box = await what.boundingBox()
  if (!box) throw new Error('It cannot be seen.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + by, y, { steps: 10 })
}

test.beforeEach(async ({ app: { page } }) => {
  await example(page, 'Iris')
  await block(page, 'hidden').locator('header').click()
  await expect(features(page)).toHaveValue('16')
})

test('a number that is dragged ripples while it is held, and is one step', async ({ app: { page } }) => {
  const size = inspector(page).getByRole('region', { name: 'Size' }).locator('dd').first()
  await expect(size).toHaveText('80')
  await drag(page, features(page), 24)
  await expect(features(page)).toHaveValue('20')
  await expect(onCanvas(page, 'hidden')).toHaveValue('20')
  await expect(size).toHaveText('100')
  await page.mouse.move(0, 0)
  await page.mouse.up()
  await leave(page)
  await undo(page)
  await expect(onCanvas(page, 'hidden')).toHaveValue('16')
  await redo(page)
  await expect(onCanvas(page, 'hidden')).not.toHaveValue('16')
})

test('Escape takes a drag back, and a click still edits the text', async ({ app: { page } }) => {
  for (const handle of [features(page), onCanvas(page, 'hidden'), inspector(page).getByText('Output features')]) {
    await drag(page, handle, 60)
    await expect(onCanvas(page, 'hidden')).toHaveValue('26')
    await page.keyboard.press('Escape')
    await expect(onCanvas(page, 'hidden')).toHaveValue('16')
    await page.mouse.up()
    await expect(onCanvas(page, 'hidden')).toHaveValue('16')
  }
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeDisabled()
  await features(page).click()
  await expect(features(page)).toBeFocused()
  await page.keyboard.type('18')
  await expect(onCanvas(page, 'hidden')).toHaveValue('18')
})

test('Shift drags in large steps', async ({ app: { page } }) => {
  await page.mouse.move(0, 0)
  const box = await features(page).boundingBox()
  await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 10)
  await page.mouse.down()
  await page.keyboard.down('Shift')
  await page.mouse.move((box?.x ?? 0) + 32, (box?.y ?? 0) + 10, { steps: 6 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await expect(features(page)).toHaveValue('36')
})

test('an expression follows its constant', async ({ app: { page } }) => {
  await features(page).fill('=width')
  await expect(inspector(page).getByRole('alert')).toContainText('“width”, which is no constant of this document')
  await expect(onCanvas(page, 'hidden')).toHaveValue('16')
  await page.getByRole('option', { name: 'Make width a constant (16)' }).click()
  await expect(features(page)).toHaveValue('width')
  await features(page).press('End')
  await features(page).pressSequentially('*2')
  await expect(onCanvas(page, 'hidden')).toHaveValue('32')
  await expect(onCanvas(page, 'hidden')).toHaveAttribute('title', 'width*2 = 32')
  await leave(page)
  const value = inspector(page).getByLabel('Value of width')
  await drag(page, value, 30)
  await expect(onCanvas(page, 'hidden')).toHaveValue('42')
  await page.mouse.up()
  await inspector(page).getByRole('button', { name: 'Delete the constant width' }).click()
  await expect(inspector(page).getByRole('alert')).toContainText('The constant width is used by the block hidden')
  await inspector(page).getByLabel('Name of the constant width').fill('units')
  await page.keyboard.press('Enter')
  await expect(onCanvas(page, 'hidden')).toHaveAttribute('title', 'units*2 = 42')
  await leave(page)
  for (const expected of ['width*2 = 42', 'width*2 = 32']) {
    await undo(page)
    await expect(onCanvas(page, 'hidden')).toHaveAttribute('title', expected)
  }
  // What was typed in one go, making the constant and all, is one step.
  await undo(page)
  await expect(onCanvas(page, 'hidden')).toHaveValue('16')
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeDisabled()
})

test('names are completed by the keyboard', async ({ app: { page } }) => {
  await leave(page)
  await inspector(page).getByRole('button', { name: 'Add a constant' }).click()
  await expect(inspector(page).getByLabel('Name of the constant size')).toBeFocused()
  await page.keyboard.type('width')
  await page.keyboard.press('Enter')
  await block(page, 'hidden').locator('header').click()
  await features(page).fill('2*wi')
  const option = page.getByRole('option', { name: 'width' })
  await expect(option).toHaveAttribute('aria-selected', 'true')
  await features(page).press('Enter')
  await expect(features(page)).toHaveValue('2*width')
  await expect(onCanvas(page, 'hidden')).toHaveValue('64')
  // The arrow keys go on from the number.
  await features(page).press('ArrowUp')
  await expect(features(page)).toHaveValue('65')
  await leave(page)
  await undo(page)
  await expect(onCanvas(page, 'hidden')).toHaveValue('16')
})

test('several blocks are set at once', async ({ app: { page } }) => {
  const other = page.locator('.svelte-flow__node').filter({ hasText: 'Dense' }).filter({ hasNotText: 'hidden' })
  await other.locator('header').click({ modifiers: ['ControlOrMeta'] })
  const own = onCanvas(page, 'hidden')
  const theirs = other.locator('input.number')
  await expect(inspector(page).getByText('2 Dense')).toBeVisible()
  await expect(features(page)).toHaveAttribute('placeholder', 'mixed')
  await expect(features(page)).toHaveValue('')
  const sum = inspector(page).getByRole('region', { name: 'Size together' }).locator('dd').first()
  await expect(sum).toHaveText('131')

  await drag(page, inspector(page).getByText('Output features'), 12)
  await expect(own).toHaveValue('18')
  await expect(theirs).toHaveValue('5')
  await page.mouse.up()
  await undo(page)
  await expect(own).toHaveValue('16')
  await expect(theirs).toHaveValue('3')

  await features(page).fill('7')
  await expect(own).toHaveValue('7')
  await expect(theirs).toHaveValue('7')
  await page.keyboard.press('Enter')
  await leave(page)
  await undo(page)
  await expect(own).toHaveValue('16')
  await expect(theirs).toHaveValue('3')
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeDisabled()
})

test('a changed field leads back to its default', async ({ app: { page } }) => {
  await features(page).fill('21')
  await page.keyboard.press('Enter')
  const back = inspector(page).getByRole('button', { name: 'Back to 16' })
  await features(page).press('Tab')
  await expect(back).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(features(page)).toHaveValue('16')
  await expect(back).toHaveCount(0)
})
