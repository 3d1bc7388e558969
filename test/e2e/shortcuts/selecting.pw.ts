// What is selected, by keys and with the mouse.
import { block, canvas, expect, output, test } from '../fixtures.ts'
import {
  begin,
  choose,
  chosen,
  drag,
  middle,
  nothingChanges,
  nowhere,
  press,
  row,
  search,
  settings,
  spot,
  zoomOf,
} from './steps.ts'

const all = ['act', 'data', 'loss', 'one', 'spare', 'truth', 'two']

test('all, none and the others', async ({ app: { page } }) => {
  await begin(page)
  await row('select all / none / invert', async () => {
    await press(page, 'Mod+A')
    await expect.poll(() => chosen(page)).toEqual(all)
    await press(page, 'Escape')
    await expect.poll(() => chosen(page)).toEqual([])
    await choose(page, 'one', 'act')
    await press(page, 'Mod+Shift+I')
    await expect.poll(() => chosen(page)).toEqual(all.filter((name) => !['one', 'act'].includes(name)))

    // Escape lets go of a wire first, of a list next, of the selection last.
    await choose(page, 'spare')
    const from = await middle(output(page, 'spare', 'y'))
    await drag(page, from, { x: from.x + 90, y: from.y + 60 }, { look: () => page.keyboard.press('Escape') })
    await expect(search(page)).toBeHidden()
    expect(await chosen(page)).toEqual(['spare'])
    await press(page, 'Shift+A')
    await expect(search(page)).toBeVisible()
    await press(page, 'Escape')
    await expect(search(page)).toBeHidden()
    expect(await chosen(page)).toEqual(['spare'])
    await block(page, 'spare').locator('header .mark').click({ button: 'right' })
    await expect(page.getByRole('menu')).toBeVisible()
    await press(page, 'Escape')
    await expect(page.getByRole('menu')).toBeHidden()
    expect(await chosen(page)).toEqual(['spare'])
    await press(page, 'Escape')
    await expect.poll(() => chosen(page)).toEqual([])
  })
  await row('add to selection', async () => {
    const mark = (name: string) => block(page, name).locator('header .mark')
    await mark('one').click()
    await mark('act').click({ modifiers: ['Shift'] })
    await expect.poll(() => chosen(page)).toEqual(['act', 'one'])
    await mark('two').click({ modifiers: ['ControlOrMeta'] })
    await expect.poll(() => chosen(page)).toEqual(['act', 'one', 'two'])
    await mark('act').click({ modifiers: ['ControlOrMeta'] })
    await expect.poll(() => chosen(page)).toEqual(['one', 'two'])
    await mark('two').click()
    await expect.poll(() => chosen(page)).toEqual(['two'])
  })
  await row('select upstream / downstream / whole chain', async () => {
    const chain = all.filter((name) => name !== 'spare')
    for (const [key, third, expected] of [
      ['Alt+S U', 34, ['act', 'data', 'one']],
      ['Alt+S C', 80, chain],
      ['Alt+S D', 130, ['act', 'loss', 'two']],
    ] as const) {
      await choose(page, 'act')
      await press(page, key)
      await expect.poll(() => chosen(page), key).toEqual(expected)
      await nowhere(page)
      await block(page, 'act').click({ position: { x: third, y: 12 }, modifiers: ['Shift', 'Alt'] })
      await expect.poll(() => chosen(page), `click at ${third}`).toEqual(expected)
    }
    // After the first key the window says which may follow, and Escape forgets it.
    await choose(page, 'act')
    await page.keyboard.press('Alt+s')
    await expect(page.getByRole('status', { name: 'Keys that may follow' })).toContainText('Select what leads here')
    await press(page, 'Escape')
    await expect(page.getByRole('status', { name: 'Keys that may follow' })).toBeHidden()
    expect(await chosen(page)).toEqual(['act'])
  })
})

test('a box around blocks', async ({ app: { page } }) => {
  await begin(page)
  const corners = async () => [await spot(page, 200, -60), await spot(page, 690, 210)] as const
  await row('box select', async () => {
    await nothingChanges(page, async () => {
      await drag(page, ...(await corners()), { held: ['Shift'] })
      await expect.poll(() => chosen(page)).toEqual(['act', 'one'])
    })
    await nowhere(page)
    await settings(page, { drag: 'select' })
    await press(page, 'Mod+0')
    await expect.poll(() => zoomOf(page)).toBe(1)
    await drag(page, ...(await corners()))
    await expect.poll(() => chosen(page)).toEqual(['act', 'one'])
    // Then the middle button, or Space held, moves the drawing.
    const before = await block(page, 'one').boundingBox()
    const box = await canvas(page).boundingBox()
    const from = { x: (box?.x ?? 0) + 60, y: (box?.y ?? 0) + 60 }
    await drag(page, from, { x: from.x + 50, y: from.y + 40 }, { button: 'middle' })
    const moved = async () => (await block(page, 'one').boundingBox())?.x ?? NaN
    await expect.poll(moved).toBeCloseTo((before?.x ?? 0) + 50, 0)
    await drag(page, from, { x: from.x + 50, y: from.y + 40 }, { held: ['Space'] })
    await expect.poll(moved).toBeCloseTo((before?.x ?? 0) + 100, 0)
  })
})
