// What a block says of itself: a tip under the pointer, what changed since training began, and new shapes that are marked.
import { block, example, expect, inspector, test } from './fixtures.ts'
import { rested } from './waiting.ts'

test('a tip says what a block does and costs, beside the block, and goes from one to the next', async ({
  app: { page },
}) => {
  await example(page, 'Stroke digits')
  const tip = page.locator('.canvas .tip')
  await block(page, 'conv2').locator('header').hover()
  await expect(tip).toBeVisible()
  await expect(tip).toContainText('B × 12 × 12 × 8')
  await expect(tip).toContainText('3,216 parameters')
  const [box, own] = [await tip.boundingBox(), await block(page, 'conv2').boundingBox()]
  expect(
    (box?.y ?? 0) >= (own?.y ?? 0) + (own?.height ?? 0) || (box?.y ?? 0) + (box?.height ?? 0) <= (own?.y ?? 0),
  ).toBe(true)
  await block(page, 'relu2').locator('header').hover()
  await expect(tip).toContainText('relu2')
  // Nothing is in the way of a press.
  await page.mouse.down()
  await expect(tip).toBeHidden()
  await page.mouse.up()
})

test('a block that was changed since training began says so, until it is what it was', async ({ app: { page } }) => {
  await example(page, 'Iris')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByText(/Epoch \d+ of/).first()).toBeVisible()
  const dot = block(page, 'hidden').getByRole('img', { name: /Changed since training began/ })
  await expect(dot).toHaveCount(0)
  await block(page, 'hidden').locator('header').click()
  // A new shape flashes for a moment only, which a slow machine may be too late to see.
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.querySelector('.wire-label .changed')) document.body.dataset['flashed'] = 'yes'
    }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] })
  })
  await inspector(page).getByLabel('Output features').fill('21')
  await expect(dot).toBeVisible()
  await expect(page.locator('body')).toHaveAttribute('data-flashed', 'yes')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^Undo/ }).click()
  await expect(dot).toHaveCount(0)
})

test('a frame that is moved by arrow keys carries what lies in it, as one step', async ({ app: { page } }) => {
  await example(page, 'Iris')
  const place = async () => Math.round((await block(page, 'hidden').boundingBox())?.x ?? NaN)
  await block(page, 'hidden').locator('header').click()
  await page.keyboard.press('c')
  await page.keyboard.press('Enter')
  const frame = page.getByRole('region', { name: /^Frame/ })
  await expect(frame).toBeVisible()
  await page.keyboard.press('Home')
  const before = await rested(page, place)
  await frame.locator('header').click()
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Shift+ArrowRight')
  await expect.poll(place).toBeGreaterThan(before + 10)
  await page.keyboard.press('ControlOrMeta+z')
  await expect.poll(place).toBe(before)
})
