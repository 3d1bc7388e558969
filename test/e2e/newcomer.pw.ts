// What a newcomer does in the first minutes, with the mouse, from the first look to finding everything as it was.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { block, canvas, clear, expect, input, inspector, output, place, ready, test, wire, wires } from './fixtures.ts'
import type { Page } from '@playwright/test'

/** Three kinds of points that a small network can tell apart. */
function csv(): string {
  const rows = Array.from({ length: 240 }, (_, i) => {
    const kind = i % 3
    const wobble = (n: number) => Math.sin(i * n) * 0.6
    return `${(kind * 2 + wobble(1.7)).toFixed(3)},${((kind === 1 ? 3 : 0) + wobble(2.3)).toFixed(3)},${['ash', 'birch', 'cedar'][kind]}`
  })
  return ['width,height,tree', ...rows].join('\n')
}

/** Stands for what a canvas shows, short enough for a message. */
async function picture(page: Page, selector: string): Promise<string> {
  const image = await page
    .locator(selector)
    .first()
    .evaluate((element) => (element as HTMLCanvasElement).toDataURL())
  return createHash('sha256').update(image).digest('hex')
}

test('a newcomer draws a network, trains it on a file of their own, and finds it again', async ({ app }, info) => {
  const { page } = app

  await test.step('it opens with an example that is ready to train', async () => {
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled()
    await expect(page.locator('.svelte-flow__node').first()).toBeVisible()
  })

  await test.step('draws a network of their own', async () => {
    await clear(page)
    await place(page, 'Input', 90, 60)
    await place(page, 'Dense', 300, 60)
    await place(page, 'ReLU', 510, 60)
    await place(page, 'Dense', 300, 230)
    await place(page, 'Softmax', 510, 230)
    await place(page, 'Cross Entropy', 720, 230)
    await place(page, 'Target', 510, 380)
    await expect(page.locator('.svelte-flow__node')).toHaveCount(7)
    await wire(page, output(page, 'input', 'x'), input(page, 'dense', 'x'))
    await wire(page, output(page, 'dense', 'y'), input(page, 'relu', 'x'))
    await wire(page, output(page, 'relu', 'y'), input(page, 'dense2', 'x'))
    await wire(page, output(page, 'dense2', 'y'), input(page, 'softmax', 'x'))
    await wire(page, output(page, 'softmax', 'y'), input(page, 'crossEntropy', 'prediction'))
    await expect(wires(page)).toHaveCount(5)
  })

  await test.step('picks a file', async () => {
    const file = info.outputPath('trees.csv')
    writeFileSync(file, csv())
    await page.getByRole('tab', { name: 'Data' }).click()
    await app.choose(
      () =>
        inspector(page)
          .getByRole('button', { name: /Open files/ })
          .click(),
      file,
    )
    await page.getByRole('dialog', { name: 'trees.csv' }).getByRole('button', { name: 'Use for this drawing' }).click()
    await expect(inspector(page).getByText('trees.csv').first()).toBeVisible()
    await expect(block(page, 'input')).toContainText('trees.csv')
  })

  await test.step('gives the last layer as many outputs as there are classes', async () => {
    await canvas(page).click({ position: { x: 6, y: 6 } })
    await block(page, 'dense2').locator('header').click()
    await inspector(page).getByLabel('Output features').fill('3')
    await wire(page, output(page, 'target', 'y'), input(page, 'crossEntropy', 'target'))
    await expect(wires(page)).toHaveCount(6)
    await expect(page.locator('.status')).toContainText('No problems')
  })

  await test.step('trains, and sees curves and histograms move', async () => {
    await page.getByRole('tab', { name: 'Training' }).click()
    await inspector(page).getByLabel('Epochs').fill('10000000')
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await expect(page.getByLabel('Progress of the run')).toContainText(/Epoch [\d,]+ of 10,000,000/)
    const curves = '[aria-label="Training charts"] figure canvas'
    const weights = '[aria-label="Training charts"] .weights canvas, [aria-label="Training charts"] article canvas'
    await expect(page.locator(curves).first()).toBeVisible()
    const before = await picture(page, curves)
    await expect.poll(() => picture(page, curves), { message: 'the curve moves' }).not.toBe(before)
    await expect(page.getByText('dense.weight').first()).toBeVisible()
    const histogram = await picture(page, weights)
    await expect.poll(() => picture(page, weights), { message: 'the histogram moves' }).not.toBe(histogram)
  })

  await test.step('goes on drawing meanwhile, and is told that the run is of an earlier drawing', async () => {
    await block(page, 'dense').locator('header').click()
    await inspector(page).getByLabel('Output features').fill('24')
    await expect(page.getByText('the run is of an earlier drawing')).toBeVisible()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Undo/ }).click()
    await expect(page.getByText('the run is of an earlier drawing')).toBeHidden()
    const stop = page.getByRole('button', { name: 'Stop', exact: true })
    if (await stop.isEnabled()) await stop.click()
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeVisible()
  })

  await test.step('undoes what went wrong', async () => {
    await block(page, 'relu').locator('header').click()
    await page.keyboard.press('Delete')
    await expect(page.locator('.svelte-flow__node')).toHaveCount(6)
    await expect(wires(page)).toHaveCount(4)
    await page.keyboard.press('ControlOrMeta+z')
    await expect(page.locator('.svelte-flow__node')).toHaveCount(7)
    await expect(wires(page)).toHaveCount(6)
  })

  await test.step('saves', async () => {
    await page.getByLabel('Name of the document').fill('Trees')
    const text = await app.saved(() => page.getByRole('button', { name: 'Save', exact: true }).click())
    const document = JSON.parse(text)
    expect(document).toMatchObject({ format: 'neuroloom', name: 'Trees', data: { source: { kind: 'table' } } })
    expect(Object.keys(document.graph.blocks)).toHaveLength(7)
    await expect(page.getByRole('img', { name: 'Saved' })).toBeAttached()
  })

  await test.step('comes back and finds everything as it was', async () => {
    await expect(page.locator('.status')).toContainText('All changes kept')
    const drawn = () =>
      page.locator('.svelte-flow__node').evaluateAll((nodes) => nodes.map((n) => n.textContent).sort())
    const before = await drawn()
    await page.reload()
    await ready(page)
    await expect(page.getByLabel('Name of the document')).toHaveValue('Trees')
    await expect(wires(page)).toHaveCount(6)
    expect(await drawn()).toEqual(before)
    await expect(page.getByLabel('Progress of the run')).toContainText(/of 10,000,000/)
    await expect(page.getByRole('img', { name: 'Saved' })).toBeAttached()
    await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled()
  })
})
