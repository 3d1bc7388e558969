// Several blocks become one, one goes into it and out again, and it becomes several again.
import { block, expect, test } from '../fixtures.ts'
import { begin, choose, chosen, drawing, nothingChanges, oneStep, placeOf, press, row, nodes } from './steps.ts'

test('grouping and going inside', async ({ app: { page } }) => {
  await begin(page)
  const crumbs = page.getByRole('navigation', { name: 'Where you are' })
  await row('group into sub-graph / unpack', async () => {
    const before = await drawing(page)
    await choose(page, 'one', 'act')
    const { after } = await oneStep(page, () => press(page, 'Mod+G'))
    expect(Object.keys(after.blocks)).toHaveLength(6)
    expect(after.wires).toEqual(['data to group', 'group to two', 'truth to loss', 'two to loss'])
    await choose(page, 'group')
    await oneStep(page, () => press(page, 'Mod+Shift+G'))
    // It is as it was, at the same places.
    await expect.poll(() => drawing(page)).toEqual(before)
    expect(await chosen(page)).toEqual(['act', 'one'])
    await press(page, 'Mod+G')
    await expect(block(page, 'group')).toBeVisible()
    await press(page, 'Mod+Shift+D')
    await expect(block(page, 'group2')).toContainText('shares group')
    await press(page, 'Mod+Z')
  })
  await row('enter / leave sub-graph', async () => {
    const around = await drawing(page)
    const inside = async () => Object.keys((await drawing(page)).blocks)
    const ways: readonly (readonly [() => Promise<void>, () => Promise<void>])[] = [
      [() => press(page, 'Enter'), () => press(page, 'Escape')],
      [() => press(page, 'PageDown'), () => press(page, 'PageUp')],
      [
        () => block(page, 'group').locator('footer').dblclick(),
        () => crumbs.getByRole('button', { name: 'Small' }).click(),
      ],
      [() => press(page, 'Enter'), () => crumbs.getByRole('button', { name: 'Done' }).click()],
    ]
    for (const [enter, leave] of ways) {
      await choose(page, 'group')
      await enter()
      await expect(crumbs).toContainText('Group')
      await expect.poll(inside).toEqual(['act', 'one'])
      await expect(page.getByRole('region', { name: 'Inputs of the composite' })).toBeVisible()
      await leave()
      await expect(crumbs).toBeHidden()
      await expect.poll(() => drawing(page)).toEqual(around)
      await expect.poll(() => chosen(page)).toEqual(['group'])
    }
    // Inside, Escape selects nothing first, and undoing leads to where it was done.
    await press(page, 'Enter')
    await expect(crumbs).toBeVisible()
    await choose(page, 'act')
    await oneStep(page, () => press(page, 'ArrowDown'))
    const moved = await placeOf(page, 'act')
    await press(page, 'Escape')
    await expect(crumbs).toBeVisible()
    await press(page, 'Escape')
    await expect(crumbs).toBeHidden()
    await press(page, 'Mod+Z')
    await expect(crumbs).toBeVisible()
    await expect.poll(async () => (await placeOf(page, 'act')).y).toBe(moved.y - 8)
    await nothingChanges(page, () => press(page, 'PageDown'))
    await press(page, 'PageUp')
    await expect(nodes(page)).toHaveCount(6)
  })
})
