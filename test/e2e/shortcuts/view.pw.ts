// What is seen of a drawing, and how one finds one's way.
import type { Page } from '@playwright/test'
import { block, canvas, expect, test } from '../fixtures.ts'
import { rested } from '../waiting.ts'
import { begin, choose, chosen, drawing, nothingChanges, press, row, settings, viewOf, zoomOf } from './steps.ts'

const inView = async (page: Page, name: string) => {
  const [view, box] = [await canvas(page).boundingBox(), await block(page, name).boundingBox()]
  return Boolean(view && box && box.x >= view.x && box.x + box.width <= view.x + view.width)
}

test('how much is seen', async ({ app: { page } }) => {
  await begin(page)
  await row('zoom', async () => {
    for (const [key, zoom] of [
      ['Mod+=', 1.25],
      ['Mod+-', 1],
      ['Mod+-', 0.8],
      ['Mod+0', 1],
    ] as const) {
      await press(page, key)
      await expect.poll(() => zoomOf(page), key).toBeCloseTo(zoom, 2)
    }
  })
  await row('fit all / fit selection', async () => {
    await nothingChanges(page, async () => {
      for (const key of ['.', 'Shift+2']) {
        await choose(page, 'two')
        await press(page, key)
        await expect.poll(() => zoomOf(page), key).toBeGreaterThan(1)
        expect(await inView(page, 'two')).toBe(true)
        for (const all of key === '.' ? ['Home'] : ['Shift+1']) {
          await press(page, all)
          await expect.poll(() => zoomOf(page), all).toBeLessThanOrEqual(1)
          for (const name of ['data', 'loss', 'spare']) expect(await inView(page, name), name).toBe(true)
        }
      }
    })
  })
  await row('mouse and trackpad schemes', async () => {
    const box = await canvas(page).boundingBox()
    const wheel = async (dx: number, dy: number, pinch = false) => {
      await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 500)
      if (pinch) await page.keyboard.down('Control')
      await page.mouse.wheel(dx, dy)
      if (pinch) await page.keyboard.up('Control')
    }
    await press(page, 'Mod+0')
    await expect.poll(() => zoomOf(page)).toBe(1)
    await wheel(0, -200)
    await expect.poll(() => zoomOf(page)).toBeGreaterThan(1)
    await press(page, 'Mod+0')
    await settings(page, { gestures: 'trackpad' })
    await press(page, 'Mod+0')
    await expect.poll(() => zoomOf(page)).toBe(1)
    const before = await rested(page, () => viewOf(page))
    await wheel(30, 50)
    const panned = await rested(page, () => viewOf(page), { before })
    expect(panned.zoom).toBe(1)
    expect([Math.sign(panned.x - before.x), Math.sign(panned.y - before.y)]).toEqual([-1, -1])
    await wheel(0, -60, true)
    await expect.poll(() => zoomOf(page)).toBeGreaterThan(1)
  })
})

test('finding and choosing', async ({ app: { page } }) => {
  await begin(page)
  await row('find in graph', async () => {
    await press(page, 'Mod+F')
    const bar = page.getByRole('search', { name: 'Find in the drawing' })
    const field = bar.getByRole('combobox')
    for (const [asked, found] of [
      ['act', 'act'],
      ['tanh', 'spare'],
      ['warning', 'spare'],
      ['*x8', 'one'],
    ] as const) {
      await field.fill(asked)
      await expect(bar.getByRole('option').first(), asked).toBeVisible()
      await page.keyboard.press('Enter')
      await expect.poll(() => chosen(page), asked).toEqual([found])
    }
    await page.keyboard.press('Escape')
    await expect(bar).toBeHidden()
  })
  await row('command palette', async () => {
    const list = page.getByRole('dialog', { name: 'Commands' })
    for (const key of ['Mod+K', 'Mod+Shift+P']) {
      await press(page, key)
      await expect(list).toBeVisible()
      await page.keyboard.type('align left')
      await expect(list.getByRole('option').first()).toContainText('Align left')
      // With its key.
      await expect(list.getByRole('option').first().locator('kbd').first()).toHaveText('Alt')
      await page.keyboard.press('Escape')
      await expect(list).toBeHidden()
    }
  })
  await row('settings / shortcuts list', async () => {
    await press(page, 'Mod+,')
    await expect(page.getByRole('radio', { name: /Trackpad/ })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await press(page, '?')
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText('Duplicate')
    // Other keys are given, do what they say, and are taken back.
    await dialog.getByRole('searchbox').or(dialog.getByRole('textbox')).first().fill('tidy the drawing')
    await dialog.getByRole('button', { name: 'New keys for Tidy the drawing' }).click()
    await page.keyboard.press('F4')
    await expect(dialog.locator('kbd').filter({ hasText: 'F4' })).toBeVisible()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    if (await dialog.isVisible()) await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    const before = await drawing(page)
    await press(page, 'F4')
    await expect.poll(() => drawing(page)).not.toEqual(before)
    await press(page, 'Mod+Z')
  })
  await row('toggle palette / inspector / charts / focus mode', async () => {
    const parts = {
      'Mod+1': page.getByRole('navigation', { name: 'Palette' }),
      'Mod+2': page.getByRole('complementary', { name: 'Inspector' }),
      'Mod+3': page.getByRole('region', { name: 'Training charts' }),
    }
    for (const [key, part] of Object.entries(parts)) {
      const shown = await part.isVisible()
      await press(page, key)
      await expect(part, key).toBeVisible({ visible: !shown })
      await press(page, key)
      await expect(part, key).toBeVisible({ visible: shown })
    }
    await press(page, 'Mod+4')
    await expect(page.getByRole('tree')).toBeVisible()
    await press(page, 'Mod+1')
    await expect(parts['Mod+1']).toBeVisible()
    await press(page, 'F11')
    for (const part of Object.values(parts)) await expect(part).toBeHidden()
    await press(page, 'F11')
    await expect(parts['Mod+1']).toBeVisible()
    // The keyboard goes from part to part, and back.
    const part = () =>
      page.evaluate(() => {
        const region = document.activeElement?.closest(
          'nav, aside, header, main, footer, [role=region], [role=tabpanel]',
        )
        return `${region?.tagName ?? ''} ${region?.getAttribute('aria-label') ?? ''}`
      })
    await press(page, 'F6')
    const first = await part()
    await press(page, 'F6')
    await expect.poll(part).not.toBe(first)
    await press(page, 'Shift+F6')
    await expect.poll(part).toBe(first)
  })
})
