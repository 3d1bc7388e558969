// Documents and runs, by their keys.
import { block, expect, test } from '../fixtures.ts'
import { begin, choose, drawing, network, nodes, nowhere, press, row, drop } from './steps.ts'

test('documents', async ({ app }) => {
  const { page } = app
  const tabs = page.getByRole('tab')
  await begin(page)
  await row('save / save as / open / new', async () => {
    for (const key of ['Mod+S', 'Mod+Shift+S']) {
      const text = await app.saved(() => press(page, key))
      expect(JSON.parse(text)).toMatchObject({ format: 'neuroloom', name: 'Small' })
    }
    // Saved under that name, it takes a dot where something was changed since.
    await expect(page).toHaveTitle(/^Small/)
    await choose(page, 'spare')
    await press(page, 'ArrowDown')
    await expect(page).toHaveTitle(/^• Small/)
    const before = await drawing(page)

    await press(page, 'Mod+N')
    await expect(nodes(page)).toHaveCount(0)
    await expect(tabs.filter({ hasText: 'Small' })).toBeVisible()
    await press(page, 'Mod+Alt+ArrowLeft')
    await expect.poll(() => drawing(page)).toEqual(before)
    await press(page, 'Mod+Alt+ArrowRight')
    await expect(nodes(page)).toHaveCount(0)
    await press(page, 'Mod+Alt+ArrowRight')
    await expect.poll(() => drawing(page)).toEqual(before)
    await press(page, 'Mod+W')
    await expect(nodes(page)).toHaveCount(0)
    await press(page, 'Mod+Shift+T')
    await expect.poll(() => drawing(page)).toEqual(before)
    // A browser keeps some of those keys to itself; these are for it.
    await press(page, 'Alt+N')
    await expect(nodes(page)).toHaveCount(0)
    await press(page, 'Mod+Alt+ArrowRight')
    await expect.poll(() => drawing(page)).toEqual(before)
    await press(page, 'Alt+W')
    await expect(nodes(page)).toHaveCount(0)
    await press(page, 'Alt+Shift+T')
    await expect.poll(() => drawing(page)).toEqual(before)
    await press(page, 'Mod+Z')
    await expect.poll(() => drawing(page)).not.toEqual(before)
  })
})

test('opening by its key', async ({ app }, info) => {
  const { page } = app
  await begin(page)
  const { writeFileSync } = await import('node:fs')
  const path = info.outputPath('lone.json')
  writeFileSync(path, JSON.stringify(network('Lone', { alone: ['tanh', 0, 0] }, [])))
  await row('save / save as / open / new', async () => {
    await app.choose(() => press(page, 'Mod+O'), path)
    await expect(page.getByLabel('Name of the document')).toHaveValue('Lone')
    await expect(block(page, 'alone')).toBeVisible()
  })
})

test('a run', async ({ app: { page } }) => {
  await begin(page)
  const small = await drawing(page)
  const progress = page.getByLabel('Progress of the run')
  const step = async () => Number(/step ([\d,]+)/.exec(await progress.innerText())?.[1]?.replaceAll(',', ''))
  await row('run / stop', async () => {
    await choose(page, 'spare')
    await press(page, 'Delete')
    await press(page, 'Mod+2')
    await page.getByRole('tab', { name: 'Training' }).click()
    await page.getByRole('textbox', { name: 'Epochs' }).fill('10000000')
    await nowhere(page)
    await press(page, 'Mod+Enter')
    await expect(progress).toContainText(/Epoch/, { timeout: 30_000 })
    // Escape never stops it.
    await press(page, 'Escape')
    await press(page, 'Escape')
    const now = await step()
    await expect.poll(step).toBeGreaterThan(now)
  })
  await row('step one batch', async () => {
    await press(page, 'F8')
    await expect(progress).toContainText('Paused')
    const paused = await step()
    await press(page, 'F10')
    await expect.poll(step).toBe(paused + 1)
    await press(page, 'F8')
    await expect.poll(step).toBeGreaterThan(paused + 1)
  })
  await row('run / stop', async () => {
    await press(page, 'Mod+Alt+Enter')
    await expect(progress).toContainText('Stopped')
    // What was learned is no matter of undoing.
    const said = await progress.locator('p').first().innerText()
    await press(page, 'Mod+Z')
    await press(page, 'Mod+Z')
    await expect.poll(async () => Object.keys((await drawing(page)).blocks)).toEqual(Object.keys(small.blocks))
    expect(await progress.locator('p').first().innerText()).toBe(said)
    await drop(page, network('Other', { alone: ['tanh', 0, 0] }, []))
    await expect(progress).toContainText('Stopped')
  })
})
