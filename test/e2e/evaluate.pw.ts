/** What a trained network makes of its validation part, down to the very samples, and of examples of one's own. */
import type { Page } from '@playwright/test'
import { example, expect, inspector, test } from './fixtures.ts'

const status = (page: Page) => page.getByRole('status', { name: 'Progress of the run' })
const tab = (page: Page, name: string) => page.getByRole('group', { name: 'Panel' }).getByText(name, { exact: true })

async function train(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(status(page)).toContainText(/Epoch \d+ of/)
}

test('before anything is trained it says what will be there', async ({ app: { page } }) => {
  await tab(page, 'Evaluate').click()
  await expect(page.getByText('see here what it gets right and wrong')).toBeVisible()
  await tab(page, 'Try it').click()
  await expect(page.getByText('try it here on an example of your own')).toBeVisible()
})

test('a cell of the matrix opens exactly the samples that it counts; a typed row is answered', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  await train(page)
  await expect(status(page)).toContainText('Finished', { timeout: 60_000 })
  await tab(page, 'Evaluate').click()
  const cells = page.locator('section[aria-label="Evaluation"] button[data-cell]')
  await expect(cells).toHaveCount(9)
  const names = await cells.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))
  const counts = names.map((name) => Number(/: (\d+) of/.exec(name)?.[1]))
  expect(counts.reduce((a, b) => a + b, 0)).toBeGreaterThan(15)
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue
    await cells.nth(i).click()
    const title = (names[i] ?? '').split(':')[0] ?? ''
    const list = page.getByRole('region', { name: `Samples: ${title}` })
    await expect(list.getByRole('row')).toHaveCount(count + 1)
    const [truth = '', predicted = truth] = title.replace(' recognised', '').split(' taken for ')
    for (const row of await list.locator('tbody tr').all()) {
      await expect(row.getByRole('cell').nth(1)).toHaveText(truth)
      await expect(row.getByRole('cell').nth(2)).toContainText(predicted)
    }
  }
  // By keys: arrows go about, Enter opens.
  await cells.first().focus()
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key)
  await expect(cells.nth(8)).toBeFocused()
  await page.keyboard.press('Enter')
  const last = (names[8] ?? '').split(':')[0] ?? ''
  await expect(page.getByRole('region', { name: `Samples: ${last}` })).toBeVisible()

  await tab(page, 'Try it').click()
  const form = page.getByRole('form', { name: 'A row of your own' })
  await expect(form.getByRole('textbox')).toHaveCount(4)
  const answer = page.locator('section[aria-label="Try it"]').getByRole('status')
  // The first row of the file, and then one that is nothing like it.
  await expect(answer).toContainText('setosa')
  const flower = { sepal_length: '7.7', sepal_width: '2.8', petal_length: '6.7', petal_width: '2.2' }
  const fields = form.getByRole('textbox')
  for (const [i, value] of Object.values(flower).entries()) await fields.nth(i).fill(value)
  await expect(answer).toContainText('virginica')
  await fields.first().fill('long')
  await expect(page.getByText(/Column sepal_length: "long" is not a number/)).toBeVisible()
})

test('stroke digits: looked at while training goes on, and a digit that is drawn', async ({ app: { page } }) => {
  await example(page, 'Stroke digits')
  await inspector(page).getByRole('tab', { name: 'Training' }).click()
  // So many that it does not come to their end.
  await inspector(page).getByLabel('Epochs').fill('10000000')
  await train(page)
  await tab(page, 'Evaluate').click()
  const panel = page.getByRole('region', { name: 'Evaluation' })
  await expect(panel.locator('table button')).toHaveCount(100)
  await expect(panel.getByRole('list', { name: 'Pictures' })).toBeVisible()
  await expect(status(page)).toContainText(/Epoch ([2-9]|\d\d)/, { timeout: 60_000 })
  await panel.getByRole('button', { name: 'Look again' }).click()
  const sure = panel.locator('table button[aria-label^="7 recognised"]')
  await expect(sure).not.toHaveAttribute('aria-disabled', 'true')
  await sure.click()
  const count = Number(/: (\d+) of/.exec((await sure.getAttribute('aria-label')) ?? '')?.[1])
  await expect(panel.getByRole('list', { name: 'Pictures' }).getByRole('listitem')).toHaveCount(Math.min(100, count))

  await tab(page, 'Try it').click()
  const pad = page.getByRole('img', { name: /Drawing pad/ })
  const box = await pad.boundingBox()
  if (!box) throw new Error('There is no pad.')
  // A one, small and in a corner.
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.1)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.5, { steps: 8 })
  await page.mouse.up()
  const answer = page.getByRole('region', { name: 'Try it' }).getByRole('status')
  await expect(answer).toContainText(/^1/)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(page.getByText('Draw something')).toBeVisible()
})
