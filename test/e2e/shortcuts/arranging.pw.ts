// Where things lie: by keys, aligned, tidied, snapped, in frames and beside notes.
import { block, expect, test } from '../fixtures.ts'
import {
  begin,
  choose,
  chosen,
  dragBlock,
  drawing,
  drag,
  middle,
  nowhere,
  oneStep,
  placeOf,
  press,
  row,
  spot,
} from './steps.ts'

test('nudging, aligning and distributing', async ({ app: { page } }) => {
  await begin(page)
  await row('nudge / big nudge', async () => {
    await choose(page, 'spare')
    for (const [keys, x, y] of [
      ['ArrowRight', 8, 0],
      ['ArrowLeft', -8, 0],
      ['ArrowDown', 0, 8],
      ['ArrowUp', 0, -8],
      ['Shift+ArrowRight', 32, 0],
      ['Shift+ArrowLeft', -32, 0],
      ['Shift+ArrowDown', 0, 32],
      ['Shift+ArrowUp', 0, -32],
    ] as const) {
      const before = await placeOf(page, 'spare')
      await press(page, keys)
      await expect.poll(() => placeOf(page, 'spare'), keys).toEqual({ x: before.x + x, y: before.y + y })
    }
    // Several in a row are one step.
    await choose(page, 'two')
    const { after } = await oneStep(page, async () => {
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await press(page, key)
    })
    expect(after.blocks['two']).toBe('736 8')
    await press(page, 'Mod+Z')
  })
  await row('align / distribute', async () => {
    const boxes = async () =>
      Promise.all(
        ['one', 'truth', 'spare'].map(async (name) => {
          const { x, y } = await placeOf(page, name)
          const size = await block(page, name).boundingBox()
          return { x, y, right: x + (size?.width ?? 0), bottom: y + (size?.height ?? 0) }
        }),
      )
    const same = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers)
    const checks: readonly (readonly [string, (all: Awaited<ReturnType<typeof boxes>>) => number])[] = [
      ['Alt+A L', (all) => same(all.map(({ x }) => x))],
      ['Alt+A C', (all) => same(all.map(({ x, right }) => (x + right) / 2))],
      ['Alt+A R', (all) => same(all.map(({ right }) => right))],
      ['Alt+A T', (all) => same(all.map(({ y }) => y))],
      ['Alt+A M', (all) => same(all.map(({ y, bottom }) => (y + bottom) / 2))],
      ['Alt+A B', (all) => same(all.map(({ bottom }) => bottom))],
      ['Alt+A H', (all) => gaps(all.map(({ x, right }) => [x, right] as const))],
      ['Alt+A V', (all) => gaps(all.map(({ y, bottom }) => [y, bottom] as const))],
    ]
    /** By how much the distances between neighbours differ. */
    function gaps(sides: readonly (readonly [number, number])[]): number {
      const sorted = [...sides].sort((a, b) => a[0] + a[1] - b[0] - b[1])
      return same(sorted.slice(1).map(([from], i) => from - (sorted[i]?.[1] ?? 0)))
    }
    await choose(page, 'one', 'truth', 'spare')
    for (const [keys, off] of checks) {
      expect(off(await boxes()), `${keys} has something to do`).toBeGreaterThan(2)
      await oneStep(page, () => press(page, keys))
      expect(off(await boxes()), keys).toBeLessThanOrEqual(1)
      await press(page, 'Mod+Z')
    }
  })
  await row('snap', async () => {
    const guide = page.locator('.guide')
    await nowhere(page)
    // Five pixels off the row of the others, it goes there with Shift, and a line says to what.
    await dragBlock(page, 'spare', { x: 0, y: -45 })
    const free = await placeOf(page, 'spare')
    await press(page, 'Mod+Z')
    await dragBlock(
      page,
      'spare',
      { x: 13, y: -45 },
      { then: ['Shift'], look: () => expect(guide.first()).toBeVisible() },
    )
    await expect(guide).toHaveCount(0)
    await expect.poll(async () => (await placeOf(page, 'spare')).x).toBe(240)
    expect(free.x).toBe(240)
    await press(page, 'Mod+Z')
    await dragBlock(page, 'spare', { x: 13, y: -45 })
    await expect.poll(async () => (await placeOf(page, 'spare')).x).not.toBe(240)
    await press(page, 'Mod+Z')
  })
})

test('tidying', async ({ app: { page } }) => {
  await begin(page)
  await row('tidy (auto-layout) selection / all', async () => {
    await dragBlock(page, 'act', { x: -160, y: 170 })
    await choose(page, 'data', 'one', 'act')
    const before = await drawing(page)
    const { after } = await oneStep(page, () => press(page, 'Shift+L'))
    for (const name of ['two', 'loss', 'truth', 'spare']) expect(after.blocks[name], name).toBe(before.blocks[name])
    const [one, act] = [await placeOf(page, 'one'), await placeOf(page, 'act')]
    expect(act.x).toBeGreaterThanOrEqual(one.x + 160)
    await press(page, 'Mod+Z')
    await nowhere(page)
    const { after: all } = await oneStep(page, () => press(page, 'Mod+Shift+L'))
    const x = async (name: string) => (await placeOf(page, name)).x
    const order = ['data', 'one', 'act', 'two', 'loss']
    const places = await Promise.all(order.map(x))
    expect([...places].sort((a, b) => a - b)).toEqual(places)
    expect(Object.keys(all.blocks)).toHaveLength(7)
    await press(page, 'Mod+Z')
    // They glide, unless less motion is wanted; the step is still one.
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    const from = await drawing(page)
    await press(page, 'Mod+Shift+L')
    const seen = new Set<string>()
    await expect
      .poll(async () => {
        const { blocks } = await drawing(page)
        seen.add(JSON.stringify(blocks))
        return blocks
      })
      .toEqual(all.blocks)
    await press(page, 'Mod+Z')
    await expect.poll(() => drawing(page)).toEqual(from)
  })
})

test('frames and notes', async ({ app: { page } }) => {
  await begin(page)
  const frame = page.getByRole('region', { name: /^Frame/ })
  const note = page.getByRole('region', { name: /^Note/ })
  await row('frame (comment box)', async () => {
    await choose(page, 'one', 'act')
    await oneStep(page, async () => {
      await press(page, 'C')
      await page.keyboard.press('Enter')
    })
    await press(page, 'Mod+Z')
    await choose(page, 'one', 'act')
    await press(page, 'C')
    // Its title can be typed at once.
    await page.keyboard.type('Middle')
    await page.keyboard.press('Enter')
    await expect(frame.locator('strong')).toHaveText('Middle')
    const box = await frame.boundingBox()
    for (const name of ['one', 'act']) {
      const inside = await block(page, name).boundingBox()
      expect(inside && box && inside.x > box.x && inside.y > box.y && inside.x + inside.width < box.x + box.width).toBe(
        true,
      )
    }
    // It carries what lies in it and nothing else, as one step.
    const head = await middle(frame.locator('header'))
    const { before, after } = await oneStep(page, () => drag(page, head, { x: head.x + 24, y: head.y + 120 }))
    expect(before.blocks['one']).toBe('240 0')
    expect([after.blocks['one'], after.blocks['act']]).toEqual(['264 120', '504 120'])
    expect([after.blocks['data'], after.blocks['two']]).toEqual([before.blocks['data'], before.blocks['two']])
    await press(page, 'Mod+Z')
    const colour = async () => (await frame.getAttribute('class')) ?? ''
    const blue = await colour()
    await frame.locator('header').click()
    await frame.getByRole('button', { name: 'Another colour' }).click()
    await expect.poll(colour).not.toBe(blue)
    await oneStep(page, () => press(page, 'Delete'))
    await expect(frame).toHaveCount(0)
  })
  await row('sticky note', async () => {
    await nowhere(page)
    const at = await spot(page, 480, 400)
    await page.mouse.move(at.x, at.y)
    await press(page, 'Shift+C')
    await expect(page.getByLabel('Text of the note, in Markdown')).toBeFocused()
    await page.keyboard.type('**Bold** c')
    await page.keyboard.press('Escape')
    await expect(note.locator('.text strong, .text b')).toHaveText('Bold')
    expect((await drawing(page)).notes[0]).toContain('480 400')
    await note.locator('.text').dblclick()
    await expect(page.getByLabel('Text of the note, in Markdown')).toBeFocused()
    await page.keyboard.press('Escape')
    await nowhere(page)
    expect(await chosen(page)).toEqual([])
  })
})
