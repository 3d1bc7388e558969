// Nothing that a checker is sure about breaks the rules of accessibility, in whichever state the window is.
import type { Page } from '@playwright/test'
import { violations } from './checker.ts'
import { block, example, expect, ready, test } from './fixtures.ts'

// Each look takes seconds.
test.describe.configure({ timeout: 300_000 })

const none = async (page: Page, where: string) => expect.soft(await violations(page), where).toEqual([])

test('the checker finds what is wrong', async ({ app: { page } }) => {
  await page.evaluate(() => {
    const button = document.createElement('button')
    button.id = 'nameless'
    document.querySelector('main')?.append(button)
  })
  const found = await violations(page)
  expect(found.filter((line) => line.includes('nameless')).length).toBeGreaterThan(0)
  await page.evaluate(() => document.querySelector('#nameless')?.remove())
  expect((await violations(page)).filter((line) => line.includes('nameless'))).toEqual([])
})

test('drawing, outline, panels and an empty document', async ({ app: { page } }) => {
  await none(page, 'as it opens')
  const wires = page.locator('.svelte-flow__edge')
  expect(await wires.count()).toBeGreaterThan(5)
  for (const wire of await wires.all()) await expect(wire).toHaveAttribute('aria-label', /^Wire from \S+ to \S+/)
  const blocks = page.locator('.svelte-flow__node')
  for (const one of await blocks.all()) await expect(one).toHaveAttribute('aria-label', /^\S+, \S+/)
  await page.keyboard.press('ControlOrMeta+4')
  await expect(page.getByRole('tree')).toBeVisible()
  await none(page, 'outline')
  await block(page, 'conv1').or(page.locator('.svelte-flow__node').nth(2)).first().locator('header').click()
  await none(page, 'a block is selected')
  await page.getByRole('tab', { name: 'Data' }).click()
  await none(page, 'data')
  await page.getByRole('switch', { name: 'Vary', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Pictures as training sees them' })).toBeVisible()
  await none(page, 'pictures that vary')
  await page.getByRole('tab', { name: 'Training' }).click()
  await none(page, 'training settings')
  await page.keyboard.press('ControlOrMeta+n')
  await expect(page.getByText('Draw a network')).toBeVisible()
  await none(page, 'empty document')
})

test('dialogs', async ({ app: { page } }) => {
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
  await none(page, 'commands')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await none(page, 'shortcuts')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.locator('.svelte-flow__node').first().locator('header').click()
  await page.keyboard.press('l')
  await expect(page.getByRole('dialog', { name: /^Connect/ })).toBeVisible()
  await none(page, 'connect to')
})

test('the inside of a composite', async ({ app: { page } }) => {
  await example(page, 'XOR')
  await page.locator('.svelte-flow__node').nth(1).locator('header').click()
  await page.keyboard.press('ControlOrMeta+g')
  await none(page, 'a composite is selected')
  await page.keyboard.press('ControlOrMeta+4')
  await page.getByRole('treeitem', { selected: true }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  await none(page, 'inside of it')
})

for (const theme of ['light', 'dark', 'contrast'] as const)
  test(`training, in the theme ${theme}`, async ({ app: { page } }) => {
    await page.evaluate((name) => {
      localStorage.setItem('neuroloom.view', JSON.stringify({ theme: name }))
    }, theme)
    await page.reload()
    await ready(page)
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    await example(page, 'Iris')
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(page.getByLabel('Progress of the run')).toContainText(/Epoch/)
    await none(page, `training in ${theme}`)
  })
