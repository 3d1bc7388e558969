/** A document whose data have to be read before it can be trained: how far that is, and a way out of it. */
import { writeFileSync } from 'node:fs'
import { expect, test } from './fixtures.ts'
import { appears } from './waiting.ts'
import type { Page } from '@playwright/test'

const ROWS = 600_000
const COLUMNS = 12

/** So large that a computer of any speed takes a while. */
function table(): string {
  const names = Array.from({ length: COLUMNS }, (_, k) => `x${k}`)
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const cells = names.map((_, k) => (((i * 7919 + k * 104_729) % 20_011) / 1000).toFixed(3))
    return `${cells.join(',')},${Number(cells[0]) > 10 ? 'high' : 'low'}`
  })
  return [`${names.join(',')},level`, ...lines, ''].join('\n')
}

const progress = (page: Page) => page.getByRole('status', { name: 'Progress of the run' })
const train = (page: Page) => page.getByRole('button', { name: 'Train', exact: true })
const stop = (page: Page) => page.getByRole('button', { name: /^Stop · \d+\s%$/ })

test('a start shows how far its data are read, is stopped without a trace, and trains the next time', async ({
  app,
}, info) => {
  test.setTimeout(480_000)
  const path = info.outputPath('levels.csv')
  writeFileSync(path, table())
  const { page: first } = app
  await first.getByRole('tab', { name: 'Data' }).click()
  await app.choose(() => first.getByRole('button', { name: 'Open files…' }).click(), path)
  const dialog = first.getByRole('dialog')
  await dialog.getByRole('button', { name: /^New drawing/ }).click({ timeout: 120_000 })
  await expect(first.getByLabel('Name of the document')).toHaveValue('levels')
  await expect(first.locator('.status')).toContainText('All changes kept')

  // A new engine has read nothing.
  const page = await app.restart()
  await expect(page.getByLabel('Name of the document')).toHaveValue('levels')
  await train(page).click()
  await appears(page, '[aria-label="Progress of the run"]', /(Checking|Reading|Preparing) levels\.csv… \d+\s%/)
  await expect(stop(page)).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(progress(page)).toContainText('Not started')
  await expect(train(page)).toBeEnabled()
  await expect(page.getByLabel('Name of the document')).toHaveValue('levels')
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled()
  // Nor is it read behind the person's back.
  await expect(page.locator('.status')).not.toContainText('levels.csv')

  await train(page).click()
  await expect(progress(page)).toContainText(/Epoch \d+ of/, { timeout: 120_000 })
})
