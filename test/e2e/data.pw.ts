/** Somebody's own data: dropped on the window, understood, trained on. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { block, drop, example, expect, inspector, test } from './fixtures.ts'
import { png } from './png.ts'
import { appears } from './waiting.ts'

/** Everything that a newcomer does after the drop: two clicks. */
async function begin(page: Page, kind: RegExp): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: kind }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('status', { name: 'Progress of the run' })).toContainText(/Epoch \d+ of/)
  await expect(page.getByRole('status', { name: 'Progress of the run' })).toContainText('Finished', { timeout: 60_000 })
}

function table(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b] = [Math.sin(i * 12.9898) * 3, Math.cos(i * 78.233) * 3]
    return `${a.toFixed(3)},${b.toFixed(3)},${a + b > 0 ? 'above' : 'below'}`
  })
  return ['width,height,side', ...lines, ''].join('\n')
}

/** Stripes across or upwards, some noise on them. */
const stripes = (kind: number, seed: number) => (x: number, y: number) =>
  ((kind === 0 ? x : y) + seed) % 4 < 2 ? 200 + ((seed * 7 + x * 3 + y) % 50) : (seed * 11 + x + y * 5) % 60

function pictureFolder(root: string): string {
  const folder = join(root, 'stripes')
  for (const [kind, name] of ['upright', 'lying'].entries()) {
    mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < 60; i++) writeFileSync(join(folder, name, `${i}.png`), png(16, 16, stripes(kind, i)))
  }
  return folder
}

function idxPair(root: string): [string, string] {
  const count = 120
  const head = (...numbers: readonly number[]) => {
    const bytes = Buffer.alloc(numbers.length * 4)
    numbers.forEach((number, i) => bytes.writeUInt32BE(number, i * 4))
    return bytes
  }
  const pixels = Buffer.alloc(count * 144)
  for (let i = 0; i < count; i++)
    for (let p = 0; p < 144; p++) pixels[i * 144 + p] = stripes(i % 2, i)(p % 12, Math.floor(p / 12))
  const [images, labels] = [join(root, 'train-images-idx3-ubyte'), join(root, 'train-labels-idx1-ubyte')]
  writeFileSync(images, Buffer.concat([head(0x803, count, 12, 12), pixels]))
  writeFileSync(
    labels,
    Buffer.concat([head(0x801, count), Buffer.from(Array.from({ length: count }, (_, i) => i % 2))]),
  )
  return [images, labels]
}

test('a table is dropped and trained on in three clicks', async ({ app: { page } }, info) => {
  const path = info.outputPath('sides.csv')
  writeFileSync(path, table(300))
  await drop(page, path)
  const dialog = page.getByRole('dialog', { name: 'sides.csv' })
  await expect(dialog).toContainText('Tell above from below (side).')
  await expect(dialog).toContainText(/Rows\s*300/)
  await begin(page, /^New drawing/)
  await expect(page.getByLabel('Name of the document')).toHaveValue('sides')
  await expect(block(page, 'data')).toContainText('sides.csv')
})

test('train.csv and test.csv are dropped together, and what their names say is the split', async ({ app }, info) => {
  const { page } = app
  const [header = '', ...rows] = table(90).trim().split('\n')
  const paths = ['train.csv', 'test.csv'].map((name) => info.outputPath(name))
  writeFileSync(paths[0]!, [header, ...rows.slice(0, 60)].join('\n'))
  // The same columns the other way round.
  const turned = [header, ...rows.slice(60)].map((line) => line.split(',').reverse().join(','))
  writeFileSync(paths[1]!, turned.join('\n'))
  await drop(page, ...paths)
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Tell above from below (side).')
  await expect(dialog).toContainText(/Files\s*2: train\.csv 60 rows, test\.csv 30 rows/)
  await expect(dialog).toContainText(/Split\s*train\.csv trains, test\.csv validates/)
  const seen = dialog.getByRole('region', { name: /^First rows/ }).getByRole('row')
  await expect(seen.filter({ hasText: 'test.csv' })).toHaveCount(4)
  await expect(seen.filter({ hasText: 'train.csv' }).first()).toContainText(rows[0]?.split(',')[0] ?? '')
  await begin(page, /^New drawing/)
  await page.getByRole('tab', { name: 'Data' }).click()
  const split = inspector(page).getByRole('region', { name: 'Split' })
  await expect(split.getByLabel('Method')).toHaveValue('file')
  await expect(split.getByLabel('train.csv (60)')).toHaveValue('train')
  await expect(split.getByLabel('test.csv (30)')).toHaveValue('validation')

  // The scores are counted on the rows of test.csv, all of them and no other.
  await page.getByRole('group', { name: 'Panel' }).getByText('Evaluate', { exact: true }).click()
  const cells = page.locator('section[aria-label="Evaluation"] button[data-cell]')
  await expect(cells).toHaveCount(4)
  const names = await cells.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''))
  const counts = names.map((name) => Number(/: (\d+) of/.exec(name)?.[1]))
  expect(counts.reduce((a, b) => a + b, 0)).toBe(30)
  const most = counts.indexOf(Math.max(...counts))
  await cells.nth(most).click()
  const samples = page.getByRole('region', { name: /^Samples: / }).locator('tbody tr')
  await expect(samples).toHaveCount(counts[most] ?? 0)
  await expect(samples.filter({ hasText: 'test.csv' })).toHaveCount(counts[most] ?? 0)

  await split.getByLabel('test.csv (30)').selectOption('Trains')
  await expect(split).toContainText('No part validates')
  await split.getByLabel('train.csv (60)').selectOption('Validates')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('status', { name: 'Progress of the run' })).toContainText('Finished', { timeout: 60_000 })
})

test('a folder of pictures is dropped and trained on in three clicks', async ({ app: { page } }, info) => {
  await drop(page, pictureFolder(info.outputPath()))
  const dialog = page.getByRole('dialog', { name: 'stripes' })
  await expect(dialog).toContainText('Tell lying from upright.')
  await begin(page, /^New drawing: convolutional/)
  await expect(block(page, 'data')).toContainText('stripes')
})

test('pictures vary in training as the panel shows, while a number is dragged', async ({ app: { page } }, info) => {
  await drop(page, pictureFolder(info.outputPath()))
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^New drawing: convolutional/ })
    .click()
  await page.getByRole('tab', { name: 'Data' }).click()
  const vary = inspector(page).getByRole('region', { name: 'Vary pictures' })
  await vary.getByRole('switch', { name: 'Vary', exact: true }).click()
  const looks = vary.getByRole('table').locator('canvas')
  await expect(looks).toHaveCount(24)
  const seen = () => looks.evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL()))
  const asTheyAre = async () => (await seen()).filter((_, i) => i % 4 === 0)
  const [before, originals] = [await seen(), await asTheyAre()]
  const label = vary.getByText('Rotate, °', { exact: true })
  await label.scrollIntoViewIfNeeded()
  const box = await label.boundingBox()
  if (!box) throw new Error('It cannot be seen.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 120, y, { steps: 10 })
  // The hand still holds it.
  await expect.poll(async () => (await seen())[1]).not.toBe(before[1])
  await page.mouse.move(x + 180, y, { steps: 5 })
  await page.mouse.up()
  await expect(vary.getByLabel('Rotate, °')).toHaveValue('40')
  expect(await asTheyAre()).toEqual(originals)
  await page.keyboard.press('ControlOrMeta+z')
  await expect(vary.getByLabel('Rotate, °')).toHaveValue('10')
  await expect.poll(seen).toEqual(before)
  await vary.getByRole('button', { name: 'Draw anew' }).click()
  await expect(vary.getByLabel('Seed')).toHaveValue('2')
  await expect.poll(async () => (await seen())[1]).not.toBe(before[1])
  expect(await asTheyAre()).toEqual(originals)
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page.getByRole('status', { name: 'Progress of the run' })).toContainText('Finished', { timeout: 60_000 })
})

test('a pair of IDX files is dropped and trained on in three clicks', async ({ app: { page } }, info) => {
  await drop(page, ...idxPair(info.outputPath()))
  await expect(page.getByRole('dialog')).toContainText('Tell 0 from 1.')
  await begin(page, /^New drawing: convolutional/)
})

test('data for the drawing that is open are one step to undo', async ({ app: { page } }, info) => {
  const path = info.outputPath('sides.csv')
  writeFileSync(path, table(100))
  await example(page, 'Iris')
  await drop(page, path)
  await page.getByRole('button', { name: 'Use for this drawing' }).click()
  await expect(block(page, 'measures')).toContainText('sides.csv')
  await page.keyboard.press('ControlOrMeta+z')
  await expect(block(page, 'measures')).toContainText('iris.csv')
})

test('a table with bad rows is refused by line, and taken without them', async ({ app }, info) => {
  const { page } = app
  await example(page, 'Iris')
  const path = info.outputPath('ragged.csv')
  writeFileSync(path, 'a,b,c\n1,2,x\n3,4\n5,6,y\n7,8,x\n9,0,y\n')
  await page.getByRole('tab', { name: 'Data' }).click()
  await app.choose(() => inspector(page).getByRole('button', { name: 'Open files…' }).click(), path)
  await expect(page.getByRole('dialog')).toContainText('ragged.csv line 3 has 2 cells, but the header has 3')
  await expect(block(page, 'measures')).toContainText('iris.csv')
  await page.getByRole('button', { name: 'Leave bad rows out' }).click()
  await expect(page.getByRole('dialog')).toContainText('Bad records: 1 left out')
  await page.getByRole('button', { name: 'Use for this drawing' }).click()
  await expect(inspector(page)).toContainText('Bad records: 1 left out')
})

test('how a table is read can be changed, before and after it is taken', async ({ app: { page } }, info) => {
  const path = info.outputPath('odd.csv')
  writeFileSync(path, 'x;note;y\n1,5;a|b;0\n2,5;c|d;1\n3,5;e|f;0\n4,5;g|h;1\n')
  await drop(page, path)
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(/Decimal sign\s*comma/)
  await dialog.getByText('Not what you expected?').click()
  await dialog.getByLabel('Decimal sign').selectOption('Point')
  await expect(dialog).toContainText('odd.csv line 2, column x')
  await expect(dialog).toContainText('It is still read as it was before.')
  await expect(dialog.getByRole('columnheader', { name: 'note' })).toBeVisible()
  await page.keyboard.press('Escape')
  const words = info.outputPath('words.csv')
  writeFileSync(words, 'one,two\nred,warm\nblue,cold\nred,warm\nblue,cold\nred,cold\n')
  await drop(page, words)
  await expect(dialog.getByRole('columnheader', { name: 'one' })).toBeVisible()
  await dialog.getByText('Not what you expected?').click()
  await dialog.getByLabel('First row', { exact: true }).selectOption('Data')
  await expect(dialog.getByRole('columnheader', { name: 'col1' })).toBeVisible()
  await page.getByRole('button', { name: /^New drawing/ }).click()
  await page.getByRole('tab', { name: 'Data' }).click()
  await expect(inspector(page)).toContainText('col1')
  await inspector(page).getByText('Not what you expected?').click()
  await inspector(page).getByLabel('First row', { exact: true }).selectOption('Guess')
  await expect(inspector(page).getByRole('listitem', { name: 'one' })).toBeVisible()
})

test('a window that is closed while it reads, or thinks better of it, loses nothing', async ({ app }, info) => {
  const { page } = app
  const path = info.outputPath('large.csv')
  writeFileSync(path, table(1_500_000))
  await example(page, 'Iris')
  await drop(page, path)
  await appears(page, 'dialog', /Reading|Fetching/)
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await drop(page, path)
  await appears(page, 'dialog', /Reading|Fetching/)
  const again = await app.restart()
  await expect(again.getByLabel('Name of the document')).toHaveValue('Iris')
  await expect(block(again, 'measures')).toContainText('iris.csv')
  await expect(again.getByRole('dialog')).toHaveCount(0)
})
