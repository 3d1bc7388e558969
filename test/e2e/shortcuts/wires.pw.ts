// Wires are moved, cut, broken, led elsewhere, and shaken off.
import { expect, input, output, test, wires } from '../fixtures.ts'
import {
  alongWire,
  begin,
  drag,
  drawing,
  headOf,
  middle,
  nothingChanges,
  oneStep,
  press,
  row,
  settings,
  spot,
  zoomOf,
} from './steps.ts'

test('ends of wires', async ({ app: { page } }) => {
  await begin(page)
  await row("move a wire's end", async () => {
    // From an occupied input its wire is taken along.
    const { after } = await oneStep(page, async () =>
      drag(page, await middle(input(page, 'act', 'x')), await middle(input(page, 'spare', 'x'))),
    )
    expect(after.wires).toEqual(['act to two', 'data to one', 'one to spare', 'truth to loss', 'two to loss'])
    await press(page, 'Mod+Z')
    // Let go over nothing it is gone; with Escape nothing was meant.
    const nothing = await spot(page, 420, 460)
    await nothingChanges(page, async () =>
      drag(page, await middle(input(page, 'act', 'x')), nothing, { look: () => page.keyboard.press('Escape') }),
    )
    const { after: less } = await oneStep(page, async () => drag(page, await middle(input(page, 'act', 'x')), nothing))
    expect(less.wires).not.toContain('one to act')
    await press(page, 'Mod+Z')
    // With Mod all wires of a port go together, also those of an output.
    await drag(page, await middle(output(page, 'one', 'y')), await middle(input(page, 'spare', 'x')))
    await expect(wires(page)).toHaveCount(6)
    const { after: moved } = await oneStep(page, async () =>
      drag(page, await middle(output(page, 'one', 'y')), await middle(output(page, 'data', 'x')), { held: ['Mod'] }),
    )
    expect(moved.wires).toEqual([
      'act to two',
      'data to act',
      'data to one',
      'data to spare',
      'truth to loss',
      'two to loss',
    ])
    await press(page, 'Mod+Z')
    await press(page, 'Mod+Z')
    await nothingChanges(page, async () =>
      drag(page, await middle(output(page, 'one', 'y')), nothing, { held: ['Mod'] }),
    )
  })
  await row('break all wires of a port', async () => {
    await drag(page, await middle(output(page, 'one', 'y')), await middle(input(page, 'spare', 'x')))
    await expect(wires(page)).toHaveCount(6)
    const { after } = await oneStep(page, () => output(page, 'one', 'y').click({ modifiers: ['Alt'] }))
    expect(after.wires).toEqual(['act to two', 'data to one', 'truth to loss', 'two to loss'])
    await press(page, 'Mod+Z')
    await nothingChanges(page, () => output(page, 'one', 'y').click())
  })
})

test('lines across wires', async ({ app: { page } }) => {
  await begin(page)
  const across = async (from: [string, string], to: [string, string]) => {
    const at = await alongWire(page, from, to)
    return [
      { x: at.x, y: at.y - 40 },
      { x: at.x, y: at.y + 40 },
    ] as const
  }
  await row('cut wires', async () => {
    const { after } = await oneStep(page, async () =>
      drag(page, ...(await across(['one', 'y'], ['act', 'x'])), { button: 'right', held: ['Mod'] }),
    )
    expect(after.wires).toEqual(['act to two', 'data to one', 'truth to loss', 'two to loss'])
    await expect(page.getByRole('menu')).toBeHidden()
    await press(page, 'Mod+Z')
    const { after: twice } = await oneStep(page, async () => {
      const [a, b] = [await across(['one', 'y'], ['act', 'x']), await across(['act', 'y'], ['two', 'x'])]
      await drag(page, a[0], b[1], { held: ['y'], by: [a[1], b[0]] })
    })
    expect(twice.wires).toEqual(['data to one', 'truth to loss', 'two to loss'])
    await press(page, 'Mod+Z')
    await nothingChanges(page, async () =>
      drag(page, ...(await across(['one', 'y'], ['act', 'x'])), {
        held: ['y'],
        look: () => page.keyboard.press('Escape'),
      }),
    )
  })
  await row('reroute point', async () => {
    const at = await alongWire(page, ['one', 'y'], ['act', 'x'], 0.3)
    const { after } = await oneStep(page, () => page.mouse.dblclick(at.x, at.y))
    expect(after.wires.filter((wire) => wire.includes(' by '))).toHaveLength(1)
    expect(after.wires.find((wire) => wire.includes(' by '))).toContain('one to act')
    // The point is dragged; one drag is one step.
    const point = page.locator('circle.point')
    const held = await middle(point)
    await oneStep(page, () => drag(page, held, { x: held.x, y: held.y + 80 }))
    // It means nothing to the network, so nothing is wrong and nothing else has changed.
    const bent = (await drawing(page)).wires
    await oneStep(page, () => point.dblclick())
    await expect(point).toHaveCount(0)
    await press(page, 'Mod+Z')
    await expect.poll(async () => (await drawing(page)).wires).toEqual(bent)
    await point.dblclick()
    await expect(point).toHaveCount(0)
    const { after: led } = await oneStep(page, async () =>
      drag(page, ...(await across(['act', 'y'], ['two', 'x'])), { button: 'right', held: ['Shift'] }),
    )
    expect(led.wires.filter((wire) => wire.includes(' by '))).toHaveLength(1)
    await expect(page.getByRole('menu')).toBeHidden()
  })
})

test('shaking', async ({ app: { page } }) => {
  await begin(page)
  const shake = async () => {
    const at = await headOf(page, 'act')
    // To and fro, faster than a pause for thought.
    await page.mouse.move(at.x, at.y)
    await page.mouse.down()
    for (const x of [10, 60, -60, 60, -60, 60, -60, 60, 0]) await page.mouse.move(at.x + x, at.y + 200)
    await page.mouse.up()
  }
  await row('detach a node by shaking it', async () => {
    const before = (await drawing(page)).wires
    await shake()
    expect((await drawing(page)).wires).toEqual(before)
    await press(page, 'Mod+Z')
    await settings(page, { shake: true })
    await press(page, 'Mod+0')
    await expect.poll(() => zoomOf(page)).toBe(1)
    const { after } = await oneStep(page, async () => {
      // On a busy machine the hand may be too slow for a shake.
      for (let attempt = 0; attempt < 5; attempt++) {
        await shake()
        if ((await drawing(page)).wires.length < before.length) return
        await press(page, 'Mod+Z')
      }
    })
    expect(after.wires).toEqual(['data to one', 'one to two', 'truth to loss', 'two to loss'])
  })
})
