/** A file whose target nobody can guess: the person says in the dialog what is to be told from what, and trains. */
import { writeFileSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'
import { drop, expect, test } from './fixtures.ts'

const rows = (count: number, row: (i: number) => readonly (string | number)[]) =>
  Array.from({ length: count }, (_, i) => `${row(i).join(',')}\n`).join('')

async function opened(page: Page, path: string): Promise<Locator> {
  await drop(page, path)
  return page.getByRole('dialog')
}

test('columns that make no task are shown with the reason, and others are trained on', async ({
  app: { page },
}, info) => {
  const path = info.outputPath('people.csv')
  // As many classes as rows, and texts that hardly repeat: nothing here is a target by itself.
  writeFileSync(
    path,
    `size,side,class\n${rows(60, (i) => [`about ${i}`, `${i % 2 ? 'left' : 'right'} ${i >> 1}`, `person ${i}`])}`,
  )
  const dialog = await opened(page, path)
  const why = 'people.csv, column class: each of its 60 rows has a class of its own'
  await expect(dialog.getByRole('alert')).toContainText(why)
  await expect(dialog.getByRole('columnheader', { name: 'side' })).toBeVisible()
  const begin = dialog.getByRole('button', { name: /^New drawing/ })
  const use = dialog.getByRole('button', { name: 'Use for this drawing' })
  for (const button of [begin, use]) {
    await expect(button).toBeDisabled()
    await expect(button).toHaveAccessibleDescription(new RegExp(why))
  }
  // What has to be changed has the keyboard.
  await expect(dialog.getByLabel('Role of class')).toBeFocused()
  await dialog.getByLabel('Role of class').selectOption('Ignore')
  await expect(dialog.getByRole('alert')).toContainText('no column to learn from')
  await expect(begin).toBeDisabled()
  await dialog.getByLabel('Role of size').selectOption('Feature')
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await expect(begin).toBeEnabled()
  await begin.click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('status', { name: 'Progress of the run' })).toContainText('Finished')
})

test('another reading of the same file helps as well', async ({ app: { page } }, info) => {
  const path = info.outputPath('sides.csv')
  writeFileSync(path, `a,b,side\n${rows(40, (i) => [i % 7, i % 5, i % 2 ? 'left' : 'right'])}`)
  const dialog = await opened(page, path)
  await expect(dialog).toContainText('Tell left from right (side).')
  await dialog.getByText('Not what you expected?').click()
  await dialog.getByLabel('Delimiter').selectOption('Tab')
  await expect(dialog.getByRole('alert')).toContainText('sides.csv has one column, a,b,side')
  await expect(dialog.getByRole('button', { name: /^New drawing/ })).toBeDisabled()
  await dialog.getByLabel('Delimiter').selectOption('Guess')
  await expect(dialog).toContainText('Tell left from right (side).')
  await expect(dialog.getByRole('button', { name: /^New drawing: multilayer/ })).toBeEnabled()
})

test('a series that is too short says how long it would have to be', async ({ app: { page } }, info) => {
  const path = info.outputPath('short.csv')
  const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)
  const write = (count: number) =>
    writeFileSync(path, `date,value\n${rows(count, (i) => [day(i), Math.sin(i).toFixed(3)])}`)
  write(12)
  const dialog = await opened(page, path)
  await expect(dialog.getByRole('alert')).toContainText(
    'short.csv has 12 rows, and a forecast of value from its past needs at least 16, for windows of 2 rows',
  )
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  write(24)
  await drop(page, path)
  await expect(dialog).toContainText('Forecast value from the last 3 rows.')
  await expect(dialog.getByRole('button', { name: /^New drawing: recurrent/ })).toBeEnabled()
})
