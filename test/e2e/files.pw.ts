// Documents that cannot be opened are refused by name and reason, and what is on the screen stays.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { block, clear, example, expect, inspector, root, test, wires } from './fixtures.ts'

const iris = () => JSON.parse(readFileSync(join(root, 'models/examples/iris.json'), 'utf8'))

const refused: [what: string, file: string, text: () => string, reason: RegExp][] = [
  ['a damaged document', 'torn.json', () => JSON.stringify(iris()).slice(0, 300), /torn\.json/],
  [
    'a document of a newer version',
    'tomorrow.json',
    () => JSON.stringify({ ...iris(), version: 99 }),
    /tomorrow\.json.*newer/is,
  ],
  ['a file that is no document', 'shopping.json', () => '["milk", "bread"]', /shopping\.json/],
]
for (const [what, file, text, reason] of refused) {
  test(`${what} is refused by name, and the drawing stays`, async ({ app }, info) => {
    const { page } = app
    await example(page, 'XOR')
    const path = info.outputPath(file)
    writeFileSync(path, text())
    await app.choose(() => page.getByRole('button', { name: 'Open…' }).click(), path)
    await expect(page.getByRole('alert')).toContainText(reason)
    await expect(page.getByLabel('Name of the document')).toHaveValue('XOR')
    await expect(wires(page)).toHaveCount(6)
    await page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click()
    await expect(page.getByRole('alert')).toBeHidden()
  })
}

test('a document is saved and opened again', async ({ app }, info) => {
  const { page } = app
  await example(page, 'Iris')
  await block(page, 'hidden').locator('header').click()
  await inspector(page).getByLabel('Output features').fill('21')
  const text = await app.saved(() => page.getByRole('button', { name: 'Save', exact: true }).click())
  await example(page, 'XOR')
  const path = info.outputPath('mine.json')
  writeFileSync(path, text)
  await app.choose(() => page.getByRole('button', { name: 'Open…' }).click(), path)
  await expect(page.getByLabel('Name of the document')).toHaveValue('Iris')
  await expect(block(page, 'hidden').getByRole('textbox')).toHaveValue('21')
})

test('a document that is closed with changes can be brought back, history and all', async ({ app: { page } }) => {
  await example(page, 'Iris')
  await clear(page)
  await page.keyboard.press('ControlOrMeta+K')
  await page.keyboard.type('close')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Name of the document')).not.toHaveValue('Iris')
  await page.getByRole('button', { name: 'Bring it back' }).click()
  await expect(page.getByLabel('Name of the document')).toHaveValue('Iris')
  await page.getByRole('button', { name: /^Undo/ }).click()
  await expect(page.locator('.svelte-flow__node')).toHaveCount(7)
})

/** Drops a file on the window, as the desktop's file manager does. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(
    ([name, text]) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([text], name))
      const event = (type: string) => new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })
      document.body.dispatchEvent(event('dragover'))
      document.body.dispatchEvent(event('drop'))
    },
    [name, text] as const,
  )
}

test('a document that is dropped on the window is opened', async ({ app: { page } }) => {
  await example(page, 'XOR')
  await drop(page, 'dropped.json', JSON.stringify({ ...iris(), name: 'Dropped' }))
  await expect(page.getByLabel('Name of the document')).toHaveValue('Dropped')
})
