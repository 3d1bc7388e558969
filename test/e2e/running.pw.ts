// A run in the window's hands: paused, stepped, resumed, stopped; and what happens when the engine dies under it.
import { block, example, expect, test, type App } from './fixtures.ts'

/** So many epochs that it does not come to their end. */
const TRAINING = /Epoch [\d,]+ of 10,000,000 · step [\d,]+/

async function trainForLong({ page }: App): Promise<void> {
  await example(page, 'Stroke digits')
  await page.getByRole('tab', { name: 'Training' }).click()
  await page.getByRole('textbox', { name: 'Epochs' }).fill('10000000')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByLabel('Progress of the run')).toContainText(TRAINING)
}
const stepOf = async ({ page }: App) => {
  const text = await page.getByLabel('Progress of the run').innerText()
  return Number(/step ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', ''))
}

test('a run is paused, stepped, resumed and stopped', async ({ app }) => {
  const { page } = app
  const progress = page.getByLabel('Progress of the run')
  await trainForLong(app)
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(progress).toContainText('Paused')
  const paused = await stepOf(app)
  await page.getByRole('button', { name: 'Step one batch' }).click()
  await expect.poll(() => stepOf(app)).toBe(paused + 1)
  await page.keyboard.press('F10')
  await expect.poll(() => stepOf(app)).toBe(paused + 2)
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect.poll(() => stepOf(app)).toBeGreaterThan(paused + 2)
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(progress).toContainText('Stopped')
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled()
})

test('when the engine is killed the window says so, keeps everything, and starts it again', async ({ app }) => {
  const { page } = app
  app.expectTrouble()
  await trainForLong(app)
  await app.killEngine()
  const banner = page.getByRole('alert')
  await expect(banner).toContainText('Your drawing and the curves are kept')
  await expect(page.locator('.status')).toContainText('Engine ended')
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled()
  await expect(page.getByLabel('Progress of the run')).toContainText('Ended by a failure')
  await expect(page.getByText('conv1.weight').first()).toBeVisible()

  await block(page, 'hidden').locator('header').click()
  await page.keyboard.press('Delete')
  await page.keyboard.press('ControlOrMeta+z')
  await expect(block(page, 'hidden')).toBeVisible()

  await banner.getByRole('button', { name: 'Start the engine again' }).click()
  await expect(page.locator('.status')).toContainText('Engine ready, process')
  await expect(banner).toBeHidden()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByLabel('Progress of the run')).toContainText(TRAINING)
})

test('after a reload the window takes up the run that goes on', async ({ app }) => {
  const { page } = app
  await trainForLong(app)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  const before = await stepOf(app)
  await expect.poll(() => stepOf(app)).toBeGreaterThan(before)
  await expect(page.getByText('conv1.weight').first()).toBeVisible()
})
