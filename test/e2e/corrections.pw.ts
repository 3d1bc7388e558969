/** Samples put right and trained again; a whole file predicted, saved, and read back. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { example, expect, inspector, root, test, type App } from './fixtures.ts'

const status = (page: Page) => page.getByRole('status', { name: 'Progress of the run' })
const tab = (page: Page, name: string) => page.getByRole('group', { name: 'Panel' }).getByText(name, { exact: true })
const cells = (page: Page) => page.locator('section[aria-label="Evaluation"] button[data-cell]')
const total = async (page: Page) => {
  const names = await cells(page).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))
  return names.map((name) => Number(/: (\d+) of/.exec(name)?.[1] ?? 0)).reduce((a, b) => a + b, 0)
}
const correction = (page: Page): Locator => page.getByRole('dialog', { name: /^Correct / })
const bar = (page: Page): Locator => page.getByRole('group', { name: 'Corrections' })
const finished = (page: Page) => expect(status(page)).toContainText('Finished', { timeout: 60_000 })

async function predicted({ page }: App, choose: () => Promise<void>, rows: number): Promise<Locator> {
  await tab(page, 'Try it').click()
  await page.getByRole('button', { name: 'Predict a file…' }).click()
  await choose()
  const dialog = page.getByRole('dialog', { name: /^Predictions for/ })
  await expect(dialog.getByRole('status')).toContainText(`${rows} examples answered by`)
  return dialog
}

test('train, relabel one, leave one out, train again; saved, they are still there; a file is predicted', async ({
  app,
}, info) => {
  const { page } = app
  await example(page, 'Iris')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await finished(page)
  await tab(page, 'Evaluate').click()
  await expect(cells(page)).toHaveCount(9)
  expect(await total(page)).toBe(30)
  const sure = page.locator('section[aria-label="Evaluation"] button[data-cell][aria-label^="setosa recognised"]')
  await expect(sure).toHaveAttribute('aria-label', 'setosa recognised: 10 of 10')
  await sure.click()
  const list = page.getByRole('region', { name: 'Samples: setosa recognised' })
  const pens = list.getByRole('button', { name: /^Correct line/ })
  await expect(pens).toHaveCount(10)

  // By keys alone: open, choose another label, take it.
  await pens.nth(0).focus()
  await page.keyboard.press('Enter')
  await expect(correction(page).getByRole('combobox', { name: 'Label' })).toBeFocused()
  await correction(page).getByRole('combobox', { name: 'Label' }).selectOption('virginica')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(correction(page)).toBeHidden()
  await expect(pens.nth(0)).toHaveAccessibleName(/now virginica$/)
  await expect(pens.nth(0)).toBeFocused()
  // With the mouse: one that is left out.
  await pens.nth(1).click()
  await correction(page).getByRole('button', { name: 'Leave out' }).click()
  await expect(pens.nth(1)).toHaveAccessibleName(/now left out$/)
  await expect(bar(page)).toContainText('2 samples are corrected; they count from the next training.')
  // What is shown is of the run, and stays.
  await expect(sure).toHaveAttribute('aria-label', 'setosa recognised: 10 of 10')
  // One step each.
  await page.keyboard.press('ControlOrMeta+z')
  await expect(bar(page)).toContainText('1 sample is corrected; it counts')
  await page.keyboard.press('ControlOrMeta+Shift+z')
  await expect(bar(page)).toContainText('2 samples are corrected')

  await bar(page).getByRole('button', { name: 'Train again' }).click()
  await expect(bar(page)).toContainText('this network was trained that way', { timeout: 60_000 })
  await finished(page)
  await expect.poll(() => total(page)).toBe(29)
  const setosa = page
    .getByRole('row', { name: /^setosa/ })
    .filter({ has: page.getByRole('cell', { name: '8', exact: true }) })
  await expect(setosa.first()).toBeVisible()

  // The one that is in no part any more can still be put back.
  await page.getByRole('button', { name: 'Corrected', exact: true }).click()
  const corrected = page.getByRole('region', { name: 'Samples: Corrected' })
  await expect(corrected.getByRole('button', { name: /now (virginica|left out)$/ })).toHaveCount(2)

  const text = await app.saved(() => page.getByRole('button', { name: 'Save', exact: true }).click())
  const kept = (JSON.parse(text) as { data: { corrections: object } }).data.corrections
  expect(Object.values(kept)).toEqual(expect.arrayContaining([{ exclude: true }, { target: 'virginica' }]))
  const file = info.outputPath('corrected.json')
  writeFileSync(file, text)
  await page.getByRole('button', { name: 'New' }).click()
  await expect(bar(page)).toBeHidden()
  await app.choose(() => page.getByRole('button', { name: 'Open…' }).click(), file)
  await tab(page, 'Evaluate').click()
  await expect(bar(page)).toContainText('2 samples are corrected')

  const csv = join(root, 'models/data/iris.csv')
  const dialog = await predicted(
    app,
    () => app.choose(() => page.getByRole('button', { name: 'Choose files…' }).click(), csv),
    150,
  )
  await expect(dialog.getByRole('row')).toHaveCount(9)
  if (info.project.name === 'electron') return
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save as CSV…' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('iris predictions.csv')
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
  expect(lines[0]).toBe('row,class,setosa,versicolor,virginica')
  expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: 150 }, (_, i) => i + 2))
  const truth = readFileSync(csv, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(',')[4]?.trim())
  const right = lines.slice(1).filter((line, i) => line.split(',')[1] === truth[i]).length
  expect(right).toBeGreaterThan(130)
  await expect(dialog.getByRole('status')).toContainText('Saved as iris predictions.csv')
  await dialog.getByRole('button', { name: 'Close' }).last().click()

  // Other data have none of the corrections, and that is said.
  await inspector(page).getByRole('tab', { name: 'Data' }).click()
  await inspector(page).getByRole('radio', { name: /moons/i }).check({ force: true })
  await expect(page.getByText(/2 corrections of samples were of the data before and are dropped/)).toBeVisible()
  await tab(page, 'Evaluate').click()
  await expect(bar(page)).toBeHidden()
  await page.getByRole('button', { name: /^Undo/ }).click()
  await expect(bar(page)).toContainText('2 samples are corrected')
})

test('a file that does not fit is refused with its reader’s sentence; of one that does, a bad row is named', async ({
  app,
}, info) => {
  const { page } = app
  await example(page, 'Iris')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await finished(page)
  const [strange, letters] = [info.outputPath('strange.csv'), info.outputPath('letters.csv')]
  writeFileSync(strange, 'length,width\n1,2\n')
  writeFileSync(letters, 'sepal_length,sepal_width,petal_length,petal_width\n1,2,3,4\n1,long,3,4\n')
  await tab(page, 'Try it').click()
  await page.getByRole('button', { name: 'Predict a file…' }).click()
  await app.choose(() => page.getByRole('button', { name: 'Choose files…' }).click(), strange)
  await expect(page.getByText(/strange\.csv has no column sepal_length/)).toBeVisible()
  await page.getByRole('button', { name: 'Choose something else' }).click()
  await app.choose(() => page.getByRole('button', { name: 'Choose files…' }).click(), letters)
  const answered = page.getByRole('dialog', { name: 'Predictions for letters.csv' })
  await expect(answered.getByRole('status').filter({ hasText: '1 example answered by' })).toBeVisible()
  await expect(answered.getByText(/letters\.csv line 3, column sepal_width: "long" is not a number/)).toBeVisible()
  await page.getByRole('button', { name: 'Predict something else' }).click()
  await page.getByRole('button', { name: 'The data of the training' }).click()
  await expect(page.getByRole('dialog', { name: 'Predictions for iris.csv' }).getByRole('status')).toContainText(
    '150 examples answered by',
  )
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})
