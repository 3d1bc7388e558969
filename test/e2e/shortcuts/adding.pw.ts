// Blocks come onto the canvas: by search where the pointer is, from a wire, onto a wire.
import { block, canvas, expect, input, output, test } from '../fixtures.ts'
import {
  alongWire,
  begin,
  choose,
  chosen,
  drag,
  dragBlock,
  drawing,
  middle,
  nothingChanges,
  nowhere,
  oneStep,
  placeOf,
  press,
  row,
  search,
  spot,
} from './steps.ts'

test('adding where the pointer is', async ({ app: { page } }) => {
  await begin(page)
  const at = await spot(page, 400, 480)
  const field = search(page).getByRole('combobox')
  const options = search(page).getByRole('option')
  await row('add block', async () => {
    const ways: readonly (readonly [string, () => Promise<void>])[] = [
      ['Tab', () => press(page, 'Tab')],
      ['Shift+A', () => press(page, 'Shift+A')],
      ['double click', () => page.mouse.dblclick(at.x, at.y)],
      ['Mod and click', () => canvasClick()],
    ]
    async function canvasClick() {
      await page.keyboard.down('ControlOrMeta')
      await page.mouse.click(at.x, at.y)
      await page.keyboard.up('ControlOrMeta')
    }
    for (const [way, open] of ways) {
      await nowhere(page)
      await page.mouse.move(at.x, at.y)
      await open()
      await expect(field, way).toBeFocused()
      const box = await search(page).boundingBox()
      expect(box && box.x <= at.x + 1 && box.x + box.width >= at.x && box.y <= at.y + 1, way).toBe(true)
      await page.keyboard.press('Escape')
      await expect(search(page), way).toBeHidden()
    }
    // Found with a slip of the pen, chosen with arrows and Enter, put where the pointer was.
    await page.mouse.move(at.x, at.y)
    await press(page, 'Shift+A')
    await page.keyboard.type('droput')
    await expect(options.first()).toContainText('Dropout')
    const { after } = await oneStep(page, () => page.keyboard.press('Enter'))
    expect(after.blocks['dropout']).toBe('400 480')
    await press(page, 'Mod+Z')
    // What was added last comes first; arrows go round.
    await nowhere(page)
    await page.mouse.move(at.x, at.y)
    await press(page, 'Tab')
    await expect(options.first()).toContainText('Dropout')
    await page.keyboard.press('ArrowDown')
    await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    await expect(options.first()).toHaveAttribute('aria-selected', 'true')
    await page.keyboard.press('Escape')

    // Behind the selected block it says what it would give, and is wired to it.
    await choose(page, 'one')
    await press(page, 'Shift+A')
    await page.keyboard.type('elu')
    await expect(options.first()).toContainText('8')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await drawing(page)).wires).toContain('one to elu')
    expect(await chosen(page)).toEqual(['elu'])
  })
})

test('adding from a wire, and onto one', async ({ app: { page } }) => {
  await begin(page)
  const options = search(page).getByRole('option')
  await row('add from a wire', async () => {
    const from = await middle(output(page, 'act', 'y'))
    const to = await spot(page, 700, 420)
    await drag(page, from, to)
    await expect(search(page)).toBeVisible()
    await expect(search(page)).toHaveAccessibleName('Add after act')
    // Only what fits a vector is offered.
    await page.keyboard.type('conv2d')
    await expect(search(page)).toContainText('fits here')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('sigmoid')
    await expect(options.first()).toContainText('Sigmoid')
    const { before, after } = await oneStep(page, () => page.keyboard.press('Enter'))
    expect(after.wires).toEqual([...before.wires, 'act to sigmoid'].sort())
    expect((await placeOf(page, 'sigmoid')).x).toBe(704)
    await press(page, 'Mod+Z')
    await nowhere(page)
    // From an input one goes back to what feeds it.
    await drag(page, await middle(input(page, 'spare', 'x')), await spot(page, 190, 470))
    await expect(search(page)).toHaveAccessibleName('Add before spare')
    await page.keyboard.type('dense')
    await expect(options.first()).toContainText('Dense')
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await drawing(page)).wires).toContain('dense to spare')
    await press(page, 'Mod+Z')
    await nowhere(page)
  })
  await row('insert on a wire', async () => {
    const target = await alongWire(page, ['one', 'y'], ['act', 'x'])
    const head = await block(page, 'spare').locator('header').boundingBox()
    const from = { x: (head?.x ?? 0) + (head?.width ?? 0) / 2, y: (head?.y ?? 0) + 22 }
    const lit = page.locator('.svelte-flow__edge .taking')
    const { after } = await oneStep(page, () => drag(page, from, target, { look: () => expect(lit).toHaveCount(1) }))
    expect(after.wires).toEqual([
      'act to two',
      'data to one',
      'one to spare',
      'spare to act',
      'truth to loss',
      'two to loss',
    ])
    // What was beside it made room, in a row and without overlap.
    const [one, spare, act, two] = await Promise.all(['one', 'spare', 'act', 'two'].map((name) => placeOf(page, name)))
    expect(spare && one && spare.x - one.x).toBeGreaterThanOrEqual(160)
    expect(act && spare && act.x - spare.x).toBeGreaterThanOrEqual(160)
    expect(two && act && two.x - act.x).toBe(240)
    await press(page, 'Mod+Z')
    await expect.poll(() => placeOf(page, 'spare')).toEqual({ x: 240, y: 320 })
    // With Alt, pressed meanwhile, it only lies there.
    const before = await drawing(page)
    await drag(page, from, target, { then: ['Alt'], look: () => expect(lit).toHaveCount(0) })
    await expect.poll(async () => (await drawing(page)).wires).toEqual(before.wires)
    expect(await placeOf(page, 'spare')).not.toEqual({ x: 240, y: 320 })
    await press(page, 'Mod+Z')
    await expect.poll(() => drawing(page)).toEqual(before)
    // From the palette too.
    const item = page.getByRole('navigation', { name: 'Palette' }).getByRole('button', { name: 'Tanh', exact: true })
    const box = await canvas(page).boundingBox()
    const { after: dropped } = await oneStep(page, () =>
      item.dragTo(canvas(page), { targetPosition: { x: target.x - (box?.x ?? 0), y: target.y - (box?.y ?? 0) } }),
    )
    expect(dropped.wires).toContain('one to tanh')
    expect(dropped.wires).toContain('tanh to act')
    await press(page, 'Mod+Z')
  })
  await row('replace and connect by typing', async () => {
    await choose(page, 'act')
    await press(page, 'R')
    await expect(search(page)).toHaveAccessibleName('Replace act by')
    await page.keyboard.type('sigmoid')
    await expect(options.first()).toContainText('Sigmoid')
    const { after } = await oneStep(page, () => page.keyboard.press('Enter'))
    expect(after.wires.filter((wire) => wire.includes('one to ') || wire.includes(' to two'))).toHaveLength(2)
    expect(after.kinds['act']).toBe('Sigmoid')
    await press(page, 'Mod+Z')
    await choose(page, 'spare')
    await press(page, 'L')
    const dialog = page.getByRole('dialog', { name: 'Connect spare to…' })
    await expect(dialog).toBeVisible()
    await page.keyboard.type('one')
    await expect(dialog.getByRole('option').first()).toContainText('one')
    const { before, after: wired } = await oneStep(page, () => page.keyboard.press('Enter'))
    expect(wired.wires.length).toBe(before.wires.length + 1)
    await choose(page, 'spare')
    await press(page, 'Alt+L')
    await expect(dialog).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await nothingChanges(page, async () => {
      await nowhere(page)
      await press(page, 'L')
      await expect(dialog).toBeHidden()
    })
    await dragBlock(page, 'spare', { x: 0, y: 8 })
  })
})
