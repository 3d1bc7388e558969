// Several documents in one window: each keeps its own undo, its own view and what is selected, also past the end of the program.
import type { Locator, Page } from '@playwright/test'
import { block, canvas, example, expect, ready, test } from './fixtures.ts'
import { rested } from './waiting.ts'

const tabs = (page: Page): Locator => page.getByRole('tablist', { name: 'Documents' }).getByRole('tab')
const tab = (page: Page, name: string): Locator =>
  page.getByRole('tablist', { name: 'Documents' }).getByRole('tab', { name })
const view = (page: Page) => page.locator('.svelte-flow__viewport').evaluate((element) => element.style.transform)
/** Turns the wheel; how the drawing is seen then. */
async function zoomed(page: Page): Promise<string> {
  await canvas(page).hover({ position: { x: 200, y: 30 } })
  const before = await rested(page, () => view(page))
  await page.mouse.wheel(0, -240)
  return rested(page, () => view(page), { before })
}
const selected = (page: Page): Locator => page.locator('.svelte-flow__node.selected')
const undo = (page: Page): Locator => page.getByRole('button', { name: /^Undo/ })

/** Iris with one change, and beside it XOR with another. */
async function two(page: Page): Promise<void> {
  await example(page, 'Iris')
  await block(page, 'hidden').locator('header').click()
  await page.keyboard.press('ArrowRight')
  await example(page, 'XOR')
  await expect(tabs(page)).toHaveCount(2)
}

test('one document needs no tabs; what was touched makes room for no other', async ({ app: { page } }) => {
  await expect(tabs(page)).toHaveCount(0)
  await example(page, 'XOR')
  await expect(tabs(page)).toHaveCount(0)
  await canvas(page).click({ position: { x: 6, y: 6 } })
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('ArrowRight')
  await page.getByRole('button', { name: 'New', exact: true }).click()
  await expect(tabs(page)).toHaveCount(2)
  await expect(page.getByText('Draw a network')).toBeVisible()
  await expect(tab(page, 'XOR')).toHaveAttribute('aria-selected', 'false')
})

test('each keeps its undo, its view and what is selected', async ({ app: { page } }) => {
  await two(page)
  await expect(undo(page)).toBeDisabled()
  await page.keyboard.press('ControlOrMeta+0')
  await tab(page, 'Iris').click()
  await expect(selected(page)).toContainText('hidden')
  const seen = await zoomed(page)

  await page.keyboard.press('ControlOrMeta+Alt+ArrowRight')
  await expect(page.getByLabel('Name of the document')).toHaveValue('XOR')
  await expect.poll(() => view(page)).not.toBe(seen)
  await expect(selected(page)).toHaveCount(0)
  await page.keyboard.press('ControlOrMeta+Alt+ArrowRight')
  await expect(page.getByLabel('Name of the document')).toHaveValue('Iris')
  await expect(selected(page)).toContainText('hidden')
  await expect.poll(() => view(page)).toBe(seen)
  await expect(undo(page)).toHaveAccessibleName(/Move/)
  await undo(page).click()
  await expect(undo(page)).toBeDisabled()
})

test('all of them come back after a reload, and after a restart', async ({ app }) => {
  const check = async (page: Page) => {
    await ready(page)
    await expect(tabs(page)).toHaveCount(2)
    await expect(tab(page, 'XOR')).toHaveAttribute('aria-selected', 'true')
    await tab(page, 'Iris').click()
    await expect(block(page, 'hidden')).toBeVisible()
  }
  const { page } = app
  await two(page)
  await tab(page, 'Iris').click()
  const seen = await zoomed(page)
  await tab(page, 'XOR').click()
  await expect(page.locator('.status')).toContainText('All changes kept')
  await page.reload()
  await check(page)
  await expect.poll(() => view(page)).toBe(seen)
  // It is in no file, which is said as before.
  await expect(tab(page, 'Iris')).toHaveAccessibleName(/not saved/)
  await tab(page, 'XOR').click()
  await expect(page.locator('.status')).toContainText('All changes kept')
  await check(await app.restart())
})

test('a tab is closed and brought back, history and all', async ({ app: { page } }) => {
  await two(page)
  const iris = tab(page, 'Iris')
  await iris.click({ button: 'middle' })
  await expect(tabs(page)).toHaveCount(0)
  await expect(page.getByLabel('Name of the document')).toHaveValue('XOR')
  await page.getByRole('button', { name: 'Bring it back' }).click()
  await expect(tabs(page)).toHaveCount(2)
  await expect(page.getByLabel('Name of the document')).toHaveValue('Iris')
  await expect(undo(page)).toBeEnabled()

  // By keys: along the tabs, and Delete.
  await iris.focus()
  await page.keyboard.press('ArrowRight')
  await expect(tab(page, 'XOR')).toBeFocused()
  await expect(page.getByLabel('Name of the document')).toHaveValue('XOR')
  await page.keyboard.press('Delete')
  await expect(tabs(page)).toHaveCount(0)
  // Nothing was done to it, so nothing is said; it can be had again all the same.
  await expect(page.getByRole('button', { name: 'Bring it back' })).toBeHidden()
  await page.keyboard.press('ControlOrMeta+K')
  await page.keyboard.type('open what was closed')
  await page.keyboard.press('Enter')
  await expect(tabs(page)).toHaveCount(2)
  await expect(page.getByLabel('Name of the document')).toHaveValue('XOR')
})

test('a tab is dragged to another place', async ({ app: { page } }) => {
  await two(page)
  await tab(page, 'Iris').dragTo(tab(page, 'XOR'))
  await expect(tabs(page).first()).toContainText('XOR')
  await expect(tabs(page).last()).toContainText('Iris')
})

test('the tab whose network is trained says so, and the run says whose it is', async ({ app: { page } }) => {
  await two(page)
  await example(page, 'Inception')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(tab(page, 'Inception').getByRole('img', { name: 'In training' })).toBeVisible()
  await tab(page, 'Iris').click()
  await expect(tab(page, 'Inception').getByRole('img', { name: 'In training' })).toBeVisible()
  await expect(tab(page, 'Iris').getByRole('img', { name: 'In training' })).toBeHidden()
  await expect(page.getByRole('status', { name: 'Progress of the run' })).toContainText(
    'of Inception; stop it to train this drawing',
  )
  // Whoever wants to train this one hears which one trains, and is led there.
  await page.keyboard.press('ControlOrMeta+Enter')
  const message = page.getByRole('region', { name: 'Messages' })
  await expect(message).toContainText('“Inception” is being trained, and one network is trained at a time.')
  await message.getByRole('button', { name: 'Go to “Inception”' }).click()
  await expect(tab(page, 'Inception')).toHaveAttribute('aria-selected', 'true')
  await expect(message).not.toContainText('Inception')
  await tab(page, 'Iris').click()
  await page.getByRole('status', { name: 'Progress of the run' }).getByRole('button', { name: 'Inception' }).click()
  await expect(page.getByLabel('Name of the document')).toHaveValue('Inception')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByRole('img', { name: 'In training' })).toBeHidden()
})
