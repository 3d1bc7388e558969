// The window itself: small, in both themes, by keyboard, and without a word on the console.
import { canvas, clear, example, expect, test } from './fixtures.ts'

test.describe('a small window', () => {
  test.use({ viewport: { width: 1000, height: 640 } })

  test('keeps everything within reach', async ({ app: { page } }) => {
    for (const name of ['Train', 'Stop', 'Save', 'New']) {
      const box = await page.getByRole('button', { name, exact: true }).boundingBox()
      expect(box && box.x >= 0 && box.x + box.width <= 1000 && box.y + box.height <= 640, name).toBe(true)
    }
    const overflow = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth - innerWidth,
      height: document.documentElement.scrollHeight - innerHeight,
    }))
    expect(overflow).toEqual({ width: 0, height: 0 })
    const drawing = await canvas(page).boundingBox()
    expect(drawing?.width).toBeGreaterThan(380)
    expect(drawing?.height).toBeGreaterThan(180)
  })
})

test('panels fold away and come back, and the window remembers it', async ({ app: { page } }) => {
  await page.getByRole('button', { name: 'Charts', exact: true }).click()
  await page.getByRole('button', { name: 'Palette', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Training charts' })).toBeHidden()
  await expect(page.getByRole('navigation', { name: 'Palette' })).toBeHidden()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled()
  await expect(page.getByRole('navigation', { name: 'Palette' })).toBeHidden()
  await page.getByRole('button', { name: 'Palette', exact: true }).click()
  await expect(page.getByRole('navigation', { name: 'Palette' })).toBeVisible()
})

test('the theme is switched and remembered', async ({ app: { page } }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.getByRole('button', { name: /^Theme/ }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light')
  const light = await ground()
  await page.getByRole('button', { name: /^Theme/ }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  expect(await ground()).not.toBe(light)
})

test('the list of shortcuts opens with its key and closes with Escape', async ({ app: { page } }) => {
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(dialog).toBeVisible()
  await expect(dialog).toContainText('Duplicate')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})

test('a block is found and added by the keyboard alone', async ({ app: { page } }) => {
  await clear(page)
  await page.getByLabel('Find a block').fill('fully connected')
  await page.keyboard.press('Enter')
  await expect(page.locator('.svelte-flow__node')).toHaveCount(1)
  await expect(page.locator('.svelte-flow__node')).toContainText('Dense')
})

test('typing in a field runs no shortcut', async ({ app: { page } }) => {
  await example(page, 'XOR')
  const nodes = await page.locator('.svelte-flow__node').count()
  await page.getByLabel('Find a block').fill('de?')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Delete')
  await expect(page.locator('.svelte-flow__node')).toHaveCount(nodes)
  await expect(page.getByRole('dialog')).toBeHidden()
})
