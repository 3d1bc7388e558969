// What changes a drawing, by its keys and by the mouse; each gesture is one step to undo.
import { block, expect, inspector, test } from '../fixtures.ts'
import {
  begin,
  choose,
  chosen,
  drag,
  dragBlock,
  drawing,
  drop,
  headOf,
  network,
  nodes,
  nothingChanges,
  nowhere,
  oneStep,
  placeOf,
  press,
  row,
  small,
  spot,
} from './steps.ts'

test('undo and redo', async ({ app: { page } }) => {
  await begin(page)
  await row('undo / redo', async () => {
    await choose(page, 'one', 'act', 'two')
    // Three blocks that are dragged together are one step, and the selection comes back with it.
    const before = await drawing(page)
    await dragBlock(page, 'act', { x: 40, y: 160 })
    await nowhere(page)
    expect(await chosen(page)).toEqual([])
    await press(page, 'Mod+Z')
    await expect.poll(() => drawing(page)).toEqual(before)
    expect(await chosen(page)).toEqual(['act', 'one', 'two'])
    await press(page, 'Mod+Y')
    await expect.poll(() => drawing(page)).not.toEqual(before)
    await press(page, 'Mod+Z')
    await press(page, 'Mod+Shift+Z')
    await expect.poll(() => drawing(page)).not.toEqual(before)
    await press(page, 'Mod+Z')

    // A number that is dragged over ten values is one step.
    const field = block(page, 'one').getByRole('textbox')
    const box = await field.boundingBox()
    const from = { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 8 }
    await drag(page, from, { x: from.x + 60, y: from.y })
    await expect(field).not.toHaveValue('8')
    await nowhere(page)
    await press(page, 'Mod+Z')
    await expect(field).toHaveValue('8')

    // Keys in a field are the field's: what was typed goes before what was drawn.
    await dragBlock(page, 'spare', { x: 80, y: 0 })
    const drawn = await drawing(page)
    await page.getByLabel('Name of the document').fill('Small')
    await page.keyboard.type(' net')
    await press(page, 'Mod+Z')
    await expect(page.getByLabel('Name of the document')).not.toHaveValue('Small net')
    expect(await drawing(page)).toEqual(drawn)
    await page.keyboard.press('Escape')
    await nowhere(page)
    await press(page, 'Mod+Shift+H')
    await expect(page.getByRole('dialog', { name: 'History' })).toBeVisible()
    await page.keyboard.press('Escape')
  })
})

test('the clipboard', async ({ app: { page } }) => {
  await begin(page)
  const names = async () => Object.keys((await drawing(page)).blocks)
  await row('cut / copy / paste', async () => {
    await choose(page, 'one', 'act')
    await press(page, 'Mod+C')
    // Text that a person can read.
    const text = await page.evaluate(() => navigator.clipboard.readText())
    const { graph } = JSON.parse(text) as { graph: { blocks: object; wires: object } }
    expect([Object.keys(graph.blocks).length, Object.keys(graph.wires).length]).toEqual([2, 1])
    expect(text).toContain('\n')

    const at = await spot(page, 480, 400)
    await page.mouse.move(at.x, at.y)
    const { after } = await oneStep(page, () => press(page, 'Mod+V'))
    expect(after.blocks['one2']).toBe('480 400')
    expect(after.wires).toContain('one2 to act2')
    expect(after.wires).toHaveLength(small.graph.wires ? 6 : 0)
    // Once more at the same place is a little further on.
    await press(page, 'Mod+V')
    await expect.poll(() => placeOf(page, 'one3')).toEqual({ x: 504, y: 424 })
    expect(await chosen(page)).toEqual(['act3', 'one3'])
    await oneStep(page, () => press(page, 'Mod+X'))
    expect(await names()).not.toContain('one3')

    // In another document, without a click there before.
    await choose(page, 'two')
    await press(page, 'Mod+C')
    await drop(page, network('Other', { alone: ['tanh', 0, 0] }, []))
    await expect(nodes(page)).toHaveCount(1)
    await press(page, 'Mod+V')
    await expect.poll(names).toEqual(['alone', 'two'])
    await expect(block(page, 'two')).toBeInViewport()
    // A window that has seen nothing of it takes it too.
    await page.reload()
    await expect(nodes(page)).toHaveCount(2)
    await press(page, 'Mod+V')
    await expect(nodes(page)).toHaveCount(3)
  })
  await row('paste keeping incoming wires', async () => {
    await press(page, 'Mod+Alt+ArrowLeft')
    await expect(block(page, 'act').first()).toBeVisible()
    await press(page, 'Home')
    await choose(page, 'loss')
    await press(page, 'Mod+C')
    const { before, after } = await oneStep(page, () => press(page, 'Mod+Shift+V'))
    const fresh = after.wires.filter((wire) => !before.wires.includes(wire))
    expect(fresh).toEqual(['truth to loss2', 'two to loss2'])
    expect(Object.keys(after.blocks).length).toBe(Object.keys(before.blocks).length + 1)
  })
})

test('duplicating and deleting', async ({ app: { page } }) => {
  await begin(page)
  await row('duplicate', async () => {
    await choose(page, 'one', 'act')
    const { after } = await oneStep(page, () => press(page, 'Mod+D'))
    expect([after.blocks['one2'], after.blocks['act2']]).toEqual(['272 32', '512 32'])
    await press(page, 'Mod+Z')

    // With Alt a copy is dragged away, and the original stays.
    const { after: dragged } = await oneStep(page, () => dragBlock(page, 'spare', { x: 240, y: 80 }, { held: ['Alt'] }))
    expect(dragged.blocks['spare']).toBe('240 320')
    expect(dragged.blocks['spare2']).toBe('480 400')
    await press(page, 'Mod+Z')
  })
  await row('delete', async () => {
    for (const key of ['Delete', 'Backspace']) {
      await choose(page, 'act', 'spare')
      const { after } = await oneStep(page, () => press(page, key))
      expect(Object.keys(after.blocks)).toHaveLength(5)
      expect(after.wires).toEqual(['data to one', 'truth to loss', 'two to loss'])
      await press(page, 'Mod+Z')
    }
  })
  await row('delete and reconnect', async () => {
    for (const key of ['Mod+Shift+Delete', 'Mod+Shift+Backspace']) {
      await choose(page, 'one', 'act')
      const { after } = await oneStep(page, () => press(page, key))
      expect(after.wires).toEqual(['data to two', 'truth to loss', 'two to loss'])
      await press(page, 'Mod+Z')
    }
  })
})

test('states of a block', async ({ app: { page } }) => {
  await begin(page)
  await row('bypass / mute', async () => {
    for (const key of ['Mod+B', 'M']) {
      await choose(page, 'act')
      const { after } = await oneStep(page, () => press(page, key))
      expect(after.blocks['act']).toContain('bypassed')
      await expect(block(page, 'act').locator('.through')).toBeVisible()
      await press(page, key)
      await expect(block(page, 'act').locator('.through')).toBeHidden()
    }
    // Where it does not fit any more a badge says why.
    await choose(page, 'one')
    await press(page, 'M')
    await press(page, 'M')
    await choose(page, 'loss')
    await nothingChanges(page, () => press(page, 'M'))
  })
  await row('rename', async () => {
    await choose(page, 'act')
    await press(page, 'F2')
    const name = inspector(page).getByLabel('Name of the block')
    await expect(name).toBeFocused()
    await page.keyboard.type('bend')
    await page.keyboard.press('Enter')
    await expect(block(page, 'bend')).toBeVisible()
    await block(page, 'bend').locator('header strong').dblclick()
    await expect(name).toBeFocused()
    await page.keyboard.type('act')
    await page.keyboard.press('Enter')
    await expect(block(page, 'act')).toBeVisible()
  })
  await row('rename', async () => {
    // To the fields of the block by a key, too.
    await choose(page, 'one')
    await press(page, 'Alt+Enter')
    await expect(inspector(page).locator(':focus')).toHaveCount(1)
    await page.keyboard.press('Escape')
  })
  await row('fold node', async () => {
    const height = async () => (await block(page, 'one').boundingBox())?.height ?? 0
    const full = await height()
    for (const key of ['Alt+C', 'H']) {
      await choose(page, 'one')
      await press(page, key)
      await expect.poll(height).toBeLessThan(full / 2)
      await press(page, key)
      await expect.poll(height).toBe(full)
    }
    // It is how one looks at the drawing: no step, and nothing in a file.
    const at = await headOf(page, 'one')
    await page.mouse.move(at.x, at.y)
    await press(page, 'Alt+C')
    await expect.poll(height).toBeLessThan(full / 2)
    await press(page, 'Alt+C')
  })
})
