/** A table that is more than memory is to hold: it lies on the disk, and all else is as ever. */
import { existsSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import { Rng } from '../../src/base/rng.ts'
import { drop, expect, inspector, test } from './fixtures.ts'

const ROWS = 100_000
/** Three columns of numbers, eight bytes each, and a code of four. */
const KEPT = 'in a file of 2.80 MB (over the 1.05 MB that are held in memory)'

interface Passing {
  readonly weight: number
  readonly speed: number
  /** Another in each row. */
  readonly moment: number
  readonly kind: string
}

/** Who passes a bridge. */
function passings(seed: number): Passing[] {
  const rng = new Rng(seed, 'passings')
  return Array.from({ length: ROWS }, (_, i) => {
    const [weight = 0, speed = 0] = [rng.uniform(0, 10), rng.uniform(0, 10)].map((value) => Number(value.toFixed(3)))
    return { weight, speed, moment: 7 * i, kind: weight > speed ? 'cart' : 'rider' }
  })
}

/** How clear a case it is. */
const margin = (row: Passing | undefined) => (row ? Math.abs(row.weight - row.speed) : NaN)

const csv = (rows: readonly Passing[], names: readonly (keyof Passing)[]) =>
  [names, ...rows.map((row) => names.map((name) => row[name]))].map((cells) => `${cells.join(',')}\n`).join('')

/** Files of what memory does not hold. */
const stored = (data: string) => (existsSync(join(data, 'scratch')) ? readdirSync(join(data, 'scratch')) : [])

const textsOf = (rows: Locator) =>
  rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())))

test.describe('of a megabyte', () => {
  test.use({ memory: 1 })

  test('a table on the disk is shown, learnt from and asked about, and leaves nothing behind', async ({
    app,
  }, info) => {
    const { page, data } = app
    const rows = passings(1)
    const path = info.outputPath('passings.csv')
    writeFileSync(path, csv(rows, ['weight', 'speed', 'moment', 'kind']))
    const tab = (name: string) => page.getByRole('group', { name: 'Panel' }).getByText(name, { exact: true })

    await test.step('the dialog says where it lies, and the panel', async () => {
      await drop(page, path)
      const dialog = page.getByRole('dialog', { name: 'passings.csv' })
      await expect(dialog).toContainText(KEPT)
      expect(stored(data)).toHaveLength(1)
      await dialog.getByRole('button', { name: /^New drawing/ }).click()
      await page.getByRole('tab', { name: 'Data' }).click()
      await expect(inspector(page)).toContainText(KEPT)
    })

    await test.step('it is learnt from', async () => {
      await page.getByRole('button', { name: 'Train', exact: true }).click()
      const status = page.getByRole('status', { name: 'Progress of the run' })
      await expect(status).toContainText('Finished', { timeout: 120_000 })
      await tab('Evaluate').click()
      const cells = page.locator('section[aria-label="Evaluation"] button[data-cell]')
      await expect(cells).toHaveCount(4)
      const names = await cells.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))
      const counts = names.map((name) => Number(/: ([\d,]+) of/.exec(name)?.[1]?.replaceAll(',', '')))
      expect(counts.reduce((a, b) => a + b, 0)).toBe(ROWS / 5)
      expect((counts[0] ?? 0) + (counts[3] ?? 0)).toBeGreaterThan(0.97 * (ROWS / 5))
    })

    await test.step('rows out of its middle are shown as they stand in the file', async () => {
      await page.getByRole('button', { name: 'Least certain', exact: true }).click()
      const shown = page.getByRole('region', { name: 'Samples: Least certain' }).locator('tbody tr')
      await expect(shown.first()).toBeVisible()
      const found = await textsOf(shown)
      expect(found.length).toBeGreaterThan(10)
      const places = found.map(([line, truth, , , weight, speed, moment, kind]) => {
        const place = Number(line) - 2
        const row = rows[place]
        expect([weight, speed, moment, kind]).toEqual(Object.values(row ?? {}).map(String))
        expect(truth).toBe(kind)
        // What nobody could be certain of: most others are far from equal.
        expect(margin(row)).toBeLessThan(0.5)
        return place
      })
      expect(places.some((place) => place > 0.3 * ROWS && place < 0.7 * ROWS)).toBe(true)
    })

    await test.step('and so is another one, whose answers it gives', async () => {
      const others = passings(2)
      const other = info.outputPath('tomorrow.csv')
      writeFileSync(other, csv(others, ['weight', 'speed', 'moment']))
      const made = new Set<string | null>()
      const watcher = watch(join(data, 'scratch'), (_, name) => void made.add(name))
      await tab('Try it').click()
      await page.getByRole('button', { name: 'Predict a file…' }).click()
      await app.choose(() => page.getByRole('button', { name: 'Choose files…' }).click(), other)
      const dialog = page.getByRole('dialog', { name: 'Predictions for tomorrow.csv' })
      await expect(dialog.getByRole('status')).toContainText('100,000 examples answered by')
      // It lay there while it was asked about, and is gone.
      await expect.poll(() => made.size).toBe(1)
      await expect.poll(() => stored(data)).toHaveLength(1)
      expect(made).not.toContain(stored(data)[0])
      watcher.close()
      const first = await textsOf(dialog.getByRole('region', { name: 'First predictions' }).locator('tbody tr'))
      expect(first.map(([row]) => row)).toEqual(first.map((_, i) => `${i + 2}`))
      const sure = first.flatMap(([, kind], i) => (margin(others[i]) > 0.5 ? [[kind, others[i]?.kind]] : []))
      expect(sure.length).toBeGreaterThan(3)
      for (const [answer, truth] of sure) expect(answer).toBe(truth)
      if (info.project.name !== 'electron') {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          dialog.getByRole('button', { name: 'Save as CSV…' }).click(),
        ])
        const answers = readFileSync(await download.path(), 'utf8')
          .trim()
          .split('\n')
          .slice(1)
        const right = answers.filter((line, i) => line.split(',')[1] === others[i]?.kind).length
        expect(right).toBeGreaterThan(0.97 * ROWS)
        const turned = answers.filter((line, i) => line.split(',')[1] === others.at(-1 - i)?.kind).length
        expect(turned, 'the control').toBeLessThan(0.6 * ROWS)
      }
      await dialog.getByRole('button', { name: 'Close' }).last().click()
    })

    await app.quit()
    expect(existsSync(data)).toBe(true)
    expect(stored(data)).toEqual([])
  })
})

test('the same table is held where there is memory for it', async ({ app: { page, data } }, info) => {
  const path = info.outputPath('passings.csv')
  writeFileSync(path, csv(passings(1), ['weight', 'speed', 'moment', 'kind']))
  await drop(page, path)
  const dialog = page.getByRole('dialog', { name: 'passings.csv' })
  await expect(dialog).toContainText(/Rows\s*100,000/)
  await expect(dialog).not.toContainText('held in memory')
  expect(stored(data)).toEqual([])
})
