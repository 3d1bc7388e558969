// A network with several losses: each is a curve beside the total, and its weight may change while it trains.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GraphDocument } from '../../src/document/types.ts'
import { block, expect, inspector, root, test } from './fixtures.ts'

test('each of two losses and the penalty is drawn beside the total, and can be switched off', async ({ app }, info) => {
  const { page } = app
  const path = info.outputPath('losses.json')
  const xor = JSON.parse(readFileSync(join(root, 'models/examples/xor.json'), 'utf8')) as GraphDocument
  const { blocks, wires } = xor.graph
  const second = { type: 'crossEntropy', name: 'second', position: { x: 500, y: 420 }, params: { weight: 0.5 } }
  const graph = {
    blocks: { ...blocks, second, b2: { ...blocks['b2'], params: { ...blocks['b2']?.params, l2: 0.01 } } },
    wires: {
      ...wires,
      w8: { from: { block: 'b5', port: 'y' }, to: { block: 'second', port: 'prediction' } },
      w9: { from: { block: 'b7', port: 'y' }, to: { block: 'second', port: 'target' } },
    },
  }
  writeFileSync(path, JSON.stringify({ ...xor, graph, training: { ...xor.training, epochs: 10_000_000 } }))
  await app.choose(() => page.getByRole('button', { name: 'Open…' }).click(), path)
  await page.getByRole('button', { name: 'Train', exact: true }).click()

  const legend = page.getByRole('list', { name: 'Curves of this chart' })
  await expect(legend.getByRole('button')).toHaveCount(4, { timeout: 30_000 })
  await expect(legend.getByRole('button', { name: 'Total' })).toHaveAttribute('aria-pressed', 'true')
  const drawn = () => page.locator('figure canvas').first().screenshot()
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(page.getByLabel('Progress of the run')).toContainText('Paused')
  await page.waitForTimeout(500)
  const before = await drawn()
  const part = legend.getByRole('button', { name: /second/ })
  await part.click()
  await expect(part).toHaveAttribute('aria-pressed', 'false')
  await expect.poll(async () => (await drawn()).equals(before)).toBe(false)

  await block(page, 'second').locator('header').click()
  await inspector(page).getByRole('textbox', { name: 'Weight', exact: true }).fill('2')
  await page.keyboard.press('Enter')
  const note = page.getByText('the run is of an earlier drawing')
  await page.waitForTimeout(1000)
  await expect(note).toHaveCount(0)
  // What is no matter of a weight is told.
  await block(page, 'hidden').locator('header').click()
  await inspector(page).getByRole('textbox', { name: 'Output features' }).fill('9')
  await expect(note).toBeVisible()
})
