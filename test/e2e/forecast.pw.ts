/** A newcomer's file of dates and values: what it is good for is seen, and what comes next is forecast. */
import { writeFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { Rng } from '../../src/base/rng.ts'
import { block, drop, expect, inspector, test } from './fixtures.ts'

const COUNT = 400
/** The last fifth of the days validates, without those that only begin a window. */
const first = COUNT * 0.8 + 16
/** Deviation of what nobody could foretell. */
const NOISE = 15

/** Guests of a museum: more at the end of each week, and fewer from week to week. */
function guests(): number[] {
  const rng = new Rng(5, 'guests')
  const week = [60, 85, 90, 100, 130, 200, 180]
  return Array.from({ length: COUNT }, (_, i) => {
    const expected = (week[i % 7] ?? 0) * (1 - (0.4 * i) / COUNT)
    return Number((expected + rng.normal(0, NOISE)).toFixed(2))
  })
}

const dayOf = (i: number) => new Date(Date.UTC(2023, 0, 2) + i * 86_400_000).toISOString().slice(0, 10)

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const rms = (errors: readonly number[]) => Math.sqrt(mean(errors.map((error) => error ** 2)))

/** A share of the variance that is explained, of a network that is off by so much. */
function explained(rmse: number, truths: readonly number[]): number {
  const middle = mean(truths)
  return 1 - rmse ** 2 / mean(truths.map((truth) => (truth - middle) ** 2))
}

/** Counts how often the mouse is pressed from here on. */
async function countClicks(page: Page): Promise<() => Promise<number>> {
  const clicks = await page.evaluateHandle(() => {
    const found = { count: 0 }
    // Not clicks: that of a label is followed by one of its field.
    addEventListener('pointerdown', () => found.count++, { capture: true })
    return found
  })
  return () => clicks.evaluate(({ count }) => count)
}

test('a series is dropped, forecast and judged in three clicks', async ({ app: { page } }, info) => {
  const values = guests()
  const path = info.outputPath('guests.csv')
  writeFileSync(path, ['date,guests', ...values.map((value, i) => `${dayOf(i)},${value}`), ''].join('\n'))
  const alarms = page.getByRole('alert')
  const clicks = await countClicks(page)

  await test.step('it is offered a forecast from the series’ own past', async () => {
    await drop(page, path)
    const dialog = page.getByRole('dialog', { name: 'guests.csv' })
    await expect(dialog).toContainText('Forecast guests from the last 16 rows.')
    await expect(dialog).toContainText(/Rows\s*400/)
    await expect(alarms).toHaveCount(0)
    await dialog.getByRole('button', { name: /^New drawing: recurrent network/ }).click()
    await expect(block(page, 'data')).toContainText('guests.csv')
    await expect(page.locator('.status')).toContainText('No problems')
  })

  await test.step('it trains', async () => {
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    const status = page.getByRole('status', { name: 'Progress of the run' })
    await expect(status).toContainText(/Epoch \d+ of/)
    await expect(status).toContainText('Finished', { timeout: 120_000 })
  })

  await test.step('what was predicted is shown over what is true', async () => {
    await page.getByRole('group', { name: 'Panel' }).getByText('Evaluate', { exact: true }).click()
    const panel = page.getByRole('region', { name: 'Evaluation' })
    await expect(
      panel.getByRole('img', { name: `${COUNT - first} points of predicted over true guests` }),
    ).toBeVisible()
    const figure = async (name: string) => {
      const text = await panel.locator('dt', { hasText: name }).locator('+ dd').innerText()
      return Number(text.replace('−', '-'))
    }
    const truths = values.slice(first)
    const repeated = rms(truths.map((truth, i) => truth - (values[first + i - 1] ?? NaN)))
    const rmse = await figure('RMSE')
    expect(rmse).toBeGreaterThan(0.85 * NOISE)
    expect(rmse).toBeLessThan(repeated / 2)
    // Of the file's own last rows, and of no others.
    expect(await figure('R²')).toBeCloseTo(explained(rmse, truths), 3)
    expect(explained(rmse, values.slice(0, first)), 'the control').not.toBeCloseTo(explained(rmse, truths), 3)
    expect(await clicks()).toBe(3)
  })

  await test.step('the worst of them are days of the file', async () => {
    const worst = page.getByRole('region', { name: 'Samples: Worst' }).locator('tbody tr')
    await expect(worst.first()).toBeVisible()
    const rows = await worst.evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())),
    )
    const off = rows.map(([line = '', truth = '', predicted = '', , date, guests]) => {
      // The first day stands on line 2.
      const day = Number(line) - 2
      expect(day).toBeGreaterThanOrEqual(first)
      expect([date, guests]).toEqual([dayOf(day), `${values[day]}`])
      expect(Math.abs(Number(truth) / (values[day] ?? NaN) - 1), `${truth} of line ${line}`).toBeLessThan(0.01)
      return Math.abs(Number(truth) - Number(predicted))
    })
    // Of numbers in the hundreds three digits are shown.
    for (const [i, error] of off.entries()) expect(error).toBeLessThanOrEqual((off[i - 1] ?? Infinity) + 2)
    expect(off[0]).toBeGreaterThan(NOISE)
  })

  await test.step('how it is cut into windows stands in the panel', async () => {
    await page.getByRole('tab', { name: 'Data' }).click()
    const panel = inspector(page)
    await expect(panel.getByLabel('Length', { exact: true })).toHaveValue('16')
    await expect(panel.getByLabel('Horizon', { exact: true })).toHaveValue('1')
    await expect(panel.getByRole('switch', { name: 'Past of the target' })).toBeChecked()
    await expect(panel.getByRole('region', { name: 'Split' }).getByLabel('Method')).toHaveValue('time')
  })
  await expect(alarms).toHaveCount(0)
})
