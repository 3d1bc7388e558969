// Everything by typing: the list of all commands, blocks and examples.
import { expect, test } from './fixtures.ts'

test('one key opens a list in which everything is found by its name', async ({ app: { page } }) => {
  const blocks = page.locator('.svelte-flow__node')
  const before = await blocks.count()
  const list = page.getByRole('dialog', { name: 'Commands' })
  const field = list.getByRole('combobox')
  const open = async (words: string) => {
    await page.keyboard.press('ControlOrMeta+K')
    await expect(field).toBeFocused()
    await page.keyboard.type(words)
  }

  // A block is added, selected, and taken back by a command of the same list.
  await open('dropout')
  await expect(list.getByRole('option').first()).toContainText('Dropout')
  await page.keyboard.press('Enter')
  await expect(list).toBeHidden()
  await expect(blocks).toHaveCount(before + 1)
  await open('undo')
  await page.keyboard.press('Enter')
  await expect(blocks).toHaveCount(before)

  // What can't be done now is shown, and does nothing.
  await open('stop')
  const stop = list.getByRole('option', { name: /Stop/ }).first()
  await expect(stop).toHaveAttribute('aria-disabled', 'true')
  await stop.click({ force: true })
  await expect(list).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(list).toBeHidden()

  // To a block by its name, and to another drawing.
  await open('conv1')
  await expect(list.getByRole('option', { selected: true })).toContainText('Go to')
  await page.keyboard.press('Enter')
  await expect(page.locator('.svelte-flow__node.selected')).toContainText('conv1')
  await open('iris')
  await page.keyboard.press('Enter')
  await expect(blocks.filter({ hasText: 'measures' })).toHaveCount(1)

  // A command may open a dialog of its own, which stays.
  await open('keyboard shortcuts')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expect(list).toBeHidden()
  await page.waitForTimeout(200)
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await page.keyboard.press('Escape')

  // Up and down go round; the chosen one is the one that a reader reads.
  await page.keyboard.press('ControlOrMeta+K')
  const first = await field.getAttribute('aria-activedescendant')
  await page.keyboard.press('ArrowDown')
  expect(await field.getAttribute('aria-activedescendant')).not.toBe(first)
  await page.keyboard.press('ArrowUp')
  expect(await field.getAttribute('aria-activedescendant')).toBe(first)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowDown')
  expect(await field.getAttribute('aria-activedescendant')).toBe(first)
  await page.keyboard.type('no such thing')
  await expect(list.getByText('Nothing is called that')).toBeVisible()
})
