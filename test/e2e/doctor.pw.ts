// The shape doctor: what meets what, fixes that are seen before they are taken, and one step to undo.
import { block, canvas, example, expect, input, inspector, output, test, wires } from './fixtures.ts'
import type { Locator, Page } from '@playwright/test'

const card = (page: Page) => page.getByRole('dialog', { name: 'What does not fit' })
const ghost = (page: Page) => page.locator('.svelte-flow__viewport .add')
const middle = async (locator: Locator) => {
  const box = await locator.boundingBox()
  return { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 }
}
/** A picture straight into a layer for lists of numbers. */
async function wrongWire(page: Page): Promise<void> {
  const [from, to] = [await middle(output(page, 'pool2', 'y')), await middle(input(page, 'digits', 'x'))]
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(to.x, to.y - 30, { steps: 5 })
  await page.mouse.move(to.x, to.y, { steps: 3 })
  await page.mouse.up()
}

test('an impossible wire is explained and mended with one click, and one undo', async ({ app: { page } }) => {
  await example(page, 'Stroke digits')
  const before = await wires(page).count()
  await wrongWire(page)
  await expect(card(page)).toBeVisible()
  await expect(card(page)).toContainText(/B × 4/)
  // The first fix has the keyboard, and is seen.
  const first = card(page).getByRole('button').first()
  await expect(first).toBeFocused()
  await expect(first).toContainText('Insert Flatten')
  await expect(ghost(page)).toHaveCount(1)
  await expect(ghost(page)).toContainText('Flatten')
  await expect(block(page, 'flatten2')).toHaveCount(0)

  await page.keyboard.press('Enter')
  await expect(card(page)).toBeHidden()
  await expect(ghost(page)).toHaveCount(0)
  await expect(block(page, 'flatten2')).toHaveCount(1)
  // The wire that was there gave way to two.
  await expect(wires(page)).toHaveCount(before + 1)
  await expect(page.locator('.status')).toContainText('No problems')
  await page.keyboard.press('ControlOrMeta+z')
  await expect(block(page, 'flatten2')).toHaveCount(0)
  await expect(wires(page)).toHaveCount(before)
})

test('Escape leaves everything as it was, and a wire can be drawn all the same', async ({ app: { page } }) => {
  await example(page, 'Stroke digits')
  const before = await wires(page).count()
  await wrongWire(page)
  await page.keyboard.press('Escape')
  await expect(card(page)).toBeHidden()
  await expect(wires(page)).toHaveCount(before)
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeDisabled()

  await wrongWire(page)
  await card(page).getByRole('button', { name: 'Draw the wire anyway' }).click()
  await expect(page.locator('.status')).toContainText(/problem/)
  // The block that does not fit any more offers the same help.
  await page.locator('button.trouble').first().click()
  await expect(card(page).getByRole('button').first()).toContainText('Insert Flatten')
})

test('the inspector mends as well, and what would be set is shown on the block', async ({ app: { page } }) => {
  await example(page, 'Stroke digits')
  await block(page, 'digits').locator('header').click()
  await inspector(page).getByLabel('Output features').fill('7')
  await page.keyboard.press('Enter')
  await block(page, 'loss').locator('header').click()
  const fix = inspector(page).getByRole('list', { name: 'What would mend it' }).getByRole('button').first()
  await expect(fix).toContainText('10')
  await fix.hover()
  await expect(canvas(page).locator('.set')).toContainText('7 → 10')
  await fix.click()
  await expect(page.locator('.status')).toContainText('No problems')
  await expect(canvas(page).locator('.set')).toHaveCount(0)
})
