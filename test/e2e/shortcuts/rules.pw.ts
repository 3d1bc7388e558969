// What holds for everything: nothing happens by accident, and everything says its key.
import { block, expect, input, output, test } from '../fixtures.ts'
import { rested } from '../waiting.ts'
import {
  alongWire,
  begin,
  choose,
  chosen,
  drag,
  drawing,
  drop,
  middle,
  network,
  nothingChanges,
  nowhere,
  oneStep,
  press,
  row,
  search,
  spot,
  viewOf,
  zoomOf,
} from './steps.ts'

test('nothing by accident', async ({ app: { page } }) => {
  await begin(page)
  await row('nothing happens by merely clicking', async () => {
    await nothingChanges(page, async () => {
      const points = [
        await middle(output(page, 'spare', 'y')),
        await middle(input(page, 'loss', 'target')),
        await middle(output(page, 'data', 'x')),
        await middle(input(page, 'spare', 'x')),
        await alongWire(page, ['one', 'y'], ['act', 'x'], 0.75),
        await spot(page, 600, 500),
        await middle(block(page, 'act').locator('header')),
        await middle(block(page, 'act').locator('footer')),
      ]
      for (const { x, y } of points) await page.mouse.click(x, y)
      for (const { x, y } of points) {
        await page.mouse.click(x, y, { button: 'right' })
        await page.keyboard.press('Escape')
      }
    })
    await expect(page.getByRole('button', { name: /^Undo/ })).toBeDisabled()
  })
  await row('single letters act only outside of fields', async () => {
    await nothingChanges(page, async () => {
      await choose(page, 'act')
      for (const field of [page.getByLabel('Find a block'), page.getByLabel('Name of the document')]) {
        const before = await field.inputValue()
        await field.focus()
        for (const key of [
          'm',
          'c',
          'h',
          'r',
          'l',
          'C',
          'L',
          'A',
          '?',
          '.',
          'Delete',
          'Backspace',
          'Home',
          'ArrowLeft',
        ])
          await page.keyboard.press(key)
        await expect(page.getByRole('dialog')).toHaveCount(0)
        await field.fill(before)
      }
      await page.keyboard.press('Enter')
      await block(page, 'one').getByRole('textbox').focus()
      for (const key of ['m', 'c', 'h', 'Delete']) await page.keyboard.press(key)
      await page.keyboard.press('Escape')
    })
  })
  await row('blocks never move by themselves', async () => {
    await nowhere(page)
    await nothingChanges(page, async () => {
      await press(page, 'Mod+1')
      await press(page, 'Mod+1')
      await press(page, 'Home')
      await page.setViewportSize({ width: 1200, height: 700 })
      await page.setViewportSize({ width: 1440, height: 900 })
      await press(page, 'Alt+C')
    })
    const before = await drawing(page)
    await choose(page, 'spare')
    const { after } = await oneStep(page, () => press(page, 'Delete'))
    for (const [name, place] of Object.entries(after.blocks)) expect(place).toBe(before.blocks[name])
    await press(page, 'Mod+Z')
  })
})

test('each document as it was left', async ({ app: { page } }) => {
  await begin(page)
  await row('the view is restored per document', async () => {
    const from = await spot(page, 600, 480)
    await drag(page, from, { x: from.x - 80, y: from.y - 60 })
    await press(page, 'Mod+-')
    await choose(page, 'one')
    await press(page, 'Alt+C')
    const heightOf = async () => Math.round((await block(page, 'one').boundingBox())?.height ?? 0)
    const [view, height] = [await rested(page, () => viewOf(page)), await rested(page, heightOf)]
    expect(view.zoom).toBeCloseTo(0.8, 2)
    // Another document has another view.
    await drop(page, network('Other', { alone: ['tanh', 0, 0] }, []))
    await press(page, 'Mod+0')
    await expect.poll(() => zoomOf(page)).toBe(1)
    await press(page, 'Mod+Alt+ArrowLeft')
    await expect.poll(() => viewOf(page)).toEqual(view)
    await expect.poll(heightOf).toBe(height)
    // Also when the window was closed in the meantime.
    await expect(page.locator('.status .draft')).toHaveText('All changes kept')
    await page.reload()
    await expect(page.getByLabel('Name of the document')).toHaveValue('Small')
    await expect.poll(() => viewOf(page)).toEqual(view)
    await expect.poll(heightOf).toBe(height)
  })
})

test('menus of the right button', async ({ app: { page } }) => {
  await begin(page)
  const menu = page.getByRole('menu')
  const item = (name: RegExp) => menu.getByRole('menuitem', { name })
  const has = async (entries: readonly (readonly [RegExp, string])[]) => {
    for (const [name, key] of entries) await expect(item(name), String(name)).toContainText(key)
  }
  const open = async (at: { x: number; y: number }) => {
    await page.mouse.click(at.x, at.y, { button: 'right' })
    await expect(menu).toBeVisible()
  }
  await row('context menus show keys', async () => {
    const free = await spot(page, 480, 440)
    await open(free)
    await has([
      [/^Add block/, 'Tab'],
      [/^Paste(?! with)/, 'V'],
      [/^Note/, 'Shift'],
      [/^Frame/, 'C'],
      [/^Tidy the drawing/, 'L'],
      [/^Select all/, 'A'],
      [/^Fit drawing/, 'Home'],
    ])
    // What is chosen is meant for where it was asked.
    await item(/^Note/).click()
    await page.keyboard.press('Escape')
    await expect.poll(async () => (await drawing(page)).notes[0]).toContain('480 440')
    await press(page, 'Mod+Z')

    await open(await middle(block(page, 'act').locator('header')))
    await expect.poll(() => chosen(page)).toEqual(['act'])
    await has([
      [/^Bypass/, 'B'],
      [/^Replace by/, 'R'],
      [/^Connect to/, 'L'],
      [/^Delete and reconnect/, 'Del'],
      [/^Rename/, 'F2'],
      [/^Fold/, 'C'],
      [/^Frame/, 'C'],
    ])
    await page.keyboard.press('Escape')
    await choose(page, 'act', 'truth', 'spare')
    await open(await middle(block(page, 'act').locator('header')))
    await item(/^Align/).click()
    await has([[/^Align left/, 'Alt']])
    const { before } = await oneStep(page, () => item(/^Align left/).click())
    await press(page, 'Mod+Z')
    await expect.poll(() => drawing(page)).toEqual(before)

    const onWire = await alongWire(page, ['one', 'y'], ['act', 'x'], 0.75)
    await open(onWire)
    await has([
      [/^Insert block/, 'Tab'],
      [/^Add a reroute point/, 'double-click'],
      [/^Delete/, 'Del'],
    ])
    await oneStep(page, () => item(/^Add a reroute point/).click())
    await press(page, 'Mod+Z')
    await open(onWire)
    await item(/^Insert block/).click()
    await expect(search(page)).toHaveAccessibleName('Insert on the wire')
    await page.keyboard.type('sigmoid')
    await expect(search(page).getByRole('option').first()).toContainText('Sigmoid')
    const { after } = await oneStep(page, () => page.keyboard.press('Enter'))
    expect(after.wires).toContain('one to sigmoid')
    expect(after.wires).toContain('sigmoid to act')
    await press(page, 'Mod+Z')

    await open(await middle(input(page, 'act', 'x')))
    await has([
      [/^Break its wire/, 'click'],
      [/^Connect to/, 'L'],
      [/^Add before/, ''],
    ])
    const { after: broken } = await oneStep(page, () => item(/^Break its wire/).click())
    expect(broken.wires).not.toContain('one to act')
    await press(page, 'Mod+Z')
  })
  await row('double-click opens the most useful thing', async () => {
    const at = await spot(page, 480, 440)
    await page.mouse.dblclick(at.x, at.y)
    await expect(search(page)).toBeVisible()
    await page.keyboard.press('Escape')
    // The name of a block its field; a wire a point (wires.pw.ts); a composite its inside (composites.pw.ts).
    await block(page, 'act').locator('header strong').dblclick()
    await expect(page.getByLabel('Name of the block')).toBeFocused()
  })
})
