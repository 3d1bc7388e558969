// A LeNet without a mouse: drawn, wired, set, trained and read by keys alone; and the outline, which mirrors the canvas.
import type { Locator, Page } from '@playwright/test'
import { example, expect, inspector, test, wires } from './fixtures.ts'

/** From here on the test fails when anything is pointed at. */
async function withoutMouse(page: Page): Promise<() => Promise<void>> {
  await page.mouse.move(2, 880)
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(globalThis, { pointed: seen })
    for (const type of ['pointerdown', 'mousedown', 'pointermove', 'touchstart', 'wheel'])
      addEventListener(type, () => seen.push(type), { capture: true })
  })
  return async () =>
    expect(await page.evaluate(() => (globalThis as unknown as { pointed: string[] }).pointed)).toEqual([])
}

const key = (page: Page, keys: string) => page.keyboard.press(keys)

/** Chooses in an open list, which the keyboard is in, what is called so. */
async function pick(page: Page, dialog: Locator, query: string, wanted: RegExp): Promise<void> {
  await page.keyboard.type(query)
  const chosen = dialog.getByRole('option', { selected: true })
  await expect(dialog.getByRole('option').filter({ hasText: wanted }).first()).toBeVisible()
  for (let i = 0; i < 20 && !wanted.test(await chosen.innerText()); i++) await key(page, 'ArrowDown')
  await expect(chosen).toHaveText(wanted)
  await key(page, 'Enter')
  await expect(dialog).toBeHidden()
}
async function add(page: Page, title: string): Promise<void> {
  await key(page, 'ControlOrMeta+k')
  const commands = page.getByRole('dialog', { name: 'Commands' })
  await expect(commands.getByRole('combobox')).toBeFocused()
  await pick(page, commands, title, new RegExp(`^\\s*Add\\s*${title}\\s*(Data|Connect|Function|Loss|Complex)`))
}
/** Tab until the keyboard is where it should be. */
async function tabTo(page: Page, goal: Locator, keys = 'Tab'): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (await goal.evaluate((element) => element === document.activeElement)) return
    await key(page, keys)
  }
  await expect(goal).toBeFocused()
}
/** The name, and behind it the parameters of the block that was added last. */
async function name(page: Page, text: string, params: { readonly [label: string]: string } = {}): Promise<void> {
  await key(page, 'F2')
  await expect(inspector(page).getByLabel('Name of the block')).toBeFocused()
  await page.keyboard.type(text)
  for (const [label, value] of Object.entries(params)) {
    await tabTo(page, inspector(page).getByLabel(label, { exact: true }))
    await key(page, 'ControlOrMeta+a')
    await page.keyboard.type(value)
  }
  await key(page, 'Tab')
}
async function connect(page: Page, title: string): Promise<void> {
  await key(page, 'ControlOrMeta+k')
  await pick(page, page.getByRole('dialog', { name: 'Commands' }), 'Connect to', /Connect to/)
  const dialog = page.getByRole('dialog', { name: /^Connect/ })
  await expect(dialog.getByRole('combobox')).toBeFocused()
  await pick(page, dialog, title, new RegExp(`^${title.replaceAll('.', '\\.')}`))
}

test('a LeNet without a mouse', async ({ app: { page } }) => {
  test.setTimeout(480_000)
  const untouched = await withoutMouse(page)
  const live = page.locator('[aria-live=polite]').first()

  await test.step('begins with an empty document', async () => {
    await key(page, 'ControlOrMeta+n')
    await expect(page.getByText('Draw a network')).toBeVisible()
  })

  await test.step('chooses data', async () => {
    await add(page, 'Input')
    await expect(live).toContainText('Input')
    await name(page, 'pixels')
    const tab = inspector(page).getByRole('tab', { name: 'Block' })
    await tabTo(page, tab, 'Shift+Tab')
    await key(page, 'ArrowRight')
    await expect(inspector(page).getByRole('tab', { name: 'Data' })).toBeFocused()
    const digits = inspector(page).getByRole('radio', { name: 'Stroke digits' })
    const chosen = inspector(page).getByRole('radio', { checked: true })
    await expect(chosen).toHaveCount(1)
    await tabTo(page, chosen)
    const title = () => chosen.evaluate((radio) => radio.closest('label')?.textContent)
    for (let i = 0; i < 30 && !(await digits.isChecked()); i++) {
      const before = await title()
      await key(page, 'ArrowDown')
      await expect.poll(title).not.toBe(before)
    }
    await expect(digits).toBeChecked()
    await tabTo(page, inspector(page).getByLabel('Pictures', { exact: true }))
    await key(page, 'ControlOrMeta+a')
    await page.keyboard.type('1500')
    await key(page, 'Tab')
  })

  await test.step('draws, sets and wires', async () => {
    const layers: readonly (readonly [title: string, name: string, params?: { readonly [label: string]: string }])[] = [
      ['Conv2D', 'c1', { Filters: '6' }],
      ['ReLU', 'r1'],
      ['Pooling', 's2'],
      ['Conv2D', 'c3', { Filters: '16' }],
      ['ReLU', 'r3'],
      ['Pooling', 's4'],
      ['Flatten', 'flat'],
      ['Dense', 'f5', { 'Output features': '120' }],
      ['ReLU', 'r5'],
      ['Dense', 'f6', { 'Output features': '84' }],
      ['ReLU', 'r6'],
      ['Dense', 'digits', { 'Output features': '10' }],
      ['Softmax', 'softmax'],
    ]
    let before = 'pixels'
    for (const [title, called, params] of layers) {
      await add(page, title)
      await name(page, called, params)
      await connect(page, `${before} → ${called}`)
      before = called
    }
    await expect(live).toContainText(/Connected digits to softmax, B × 10/)
    await add(page, 'Cross Entropy')
    await name(page, 'loss')
    await connect(page, 'softmax → loss.prediction')
    await add(page, 'Target')
    await name(page, 'truth')
    await connect(page, 'truth → loss.target')
    await expect(wires(page)).toHaveCount(15)
    await expect(page.locator('.status')).toContainText('No problems')
  })

  await test.step('says how long to train', async () => {
    await key(page, 'F2')
    await tabTo(page, inspector(page).getByRole('tab', { name: 'Block' }), 'Shift+Tab')
    await key(page, 'ArrowLeft')
    await expect(inspector(page).getByRole('tab', { name: 'Training' })).toBeFocused()
    await tabTo(page, inspector(page).getByLabel('Epochs', { exact: true }))
    await key(page, 'ControlOrMeta+a')
    await page.keyboard.type('4')
    await key(page, 'Tab')
  })

  await test.step('trains, and reads what came of it', async () => {
    await key(page, 'ControlOrMeta+Enter')
    await expect(page.getByLabel('Progress of the run')).toContainText('Finished', { timeout: 120_000 })
    await expect(live).toContainText(/Training finished. Epoch 4 of 4, .*validation accuracy/)
    const heard = await live.innerText()
    const accuracy = Number(/validation accuracy ([\d.]+)/.exec(heard)?.[1])
    expect(accuracy, heard).toBeGreaterThan(70)
    await expect(
      page.getByRole('region', { name: 'Training charts' }).or(page.locator('[aria-label="Training charts"]')).first(),
    ).toContainText(`validation accuracy ${accuracy}`)
  })
  await untouched()
})

test('a wire that does not fit is refused with the reason, one that is there can be taken away', async ({
  app: { page },
}) => {
  await example(page, 'Iris')
  const untouched = await withoutMouse(page)
  await key(page, 'ControlOrMeta+4')
  const tree = page.getByRole('tree')
  await expect(tree.getByRole('treeitem').first()).toBeFocused()
  await key(page, 'h')
  await expect(tree.getByRole('treeitem', { name: /^hidden/ })).toBeFocused()
  await expect(tree.getByRole('treeitem', { name: /^hidden/ })).toHaveAttribute('aria-selected', 'true')
  await key(page, 'Alt+l')
  const dialog = page.getByRole('dialog', { name: 'Connect hidden to…' })
  await expect(dialog.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('loss.target')
  const option = dialog.getByRole('option', { name: /hidden → loss\.target/ })
  await expect(option).toHaveAttribute('aria-selected', 'true')
  await expect(option).toHaveAttribute('aria-disabled', 'true')
  const count = await wires(page).count()
  await key(page, 'Enter')
  await expect(dialog.getByRole('status')).not.toBeEmpty()
  await expect(wires(page)).toHaveCount(count)
  await key(page, 'ControlOrMeta+a')
  await page.keyboard.type('disconnect')
  await expect(dialog.getByRole('option', { selected: true })).toContainText('Disconnect')
  await key(page, 'Shift+Enter')
  await expect(wires(page)).toHaveCount(count - 1)
  await expect(dialog.getByRole('status')).toContainText('Disconnected')
  await expect(dialog.getByRole('combobox')).toHaveValue('')
  await key(page, 'Escape')
  await expect(dialog).toBeHidden()
  // The keyboard is where it was.
  await expect(tree.getByRole('treeitem', { name: /^hidden/ })).toBeFocused()
  await key(page, 'ControlOrMeta+z')
  await expect(wires(page)).toHaveCount(count)
  await expect(page.locator('[aria-live=polite]').first()).toContainText('Undone: Delete wire')
  await untouched()
})

test('the outline mirrors the canvas, enters composites and comes back', async ({ app: { page } }) => {
  await example(page, 'XOR')
  const untouched = await withoutMouse(page)
  const nodes = page.locator('.svelte-flow__node')
  const count = await nodes.count()
  await key(page, 'ControlOrMeta+4')
  const tree = page.getByRole('tree')
  const items = tree.getByRole('treeitem')
  await expect(items).toHaveCount(count)
  await expect(items.first()).toBeFocused()
  await key(page, 'End')
  await expect(items.last()).toBeFocused()
  await key(page, 'Home')
  await expect(items.first()).toBeFocused()
  await key(page, 'ArrowDown')
  await expect(items.nth(1)).toBeFocused()
  await expect(page.locator('.svelte-flow__node.selected')).toHaveCount(1)
  const name = (await items.nth(1).locator('.name').innerText()).trim()
  await expect(page.locator('.svelte-flow__node.selected')).toContainText(name)

  // Its fields, and back by the outline's own tab.
  await key(page, 'Enter')
  await expect(inspector(page).locator(':focus')).toHaveCount(1)

  // A composite is a branch; what is inside is on a canvas of its own.
  await key(page, 'Escape')
  await key(page, 'ControlOrMeta+k')
  await pick(page, page.getByRole('dialog', { name: 'Commands' }), 'Group into', /Group into a composite/)
  const group = tree.getByRole('treeitem', { expanded: false })
  await expect(group).toHaveCount(1)
  await tabTo(page, group, 'Shift+Tab')
  await key(page, 'ArrowRight')
  await expect(items).toHaveCount(count + 1)
  await key(page, 'ArrowRight')
  const inner = tree.locator('[aria-level="2"]')
  await expect(inner).toBeFocused()
  await expect(nodes).toHaveCount(count)
  await key(page, 'Space')
  await expect(inner).toHaveAttribute('aria-selected', 'true')
  await expect(page.locator('[aria-live=polite]').first()).toContainText('Inside of')
  await expect(inner).toBeFocused()
  // Folding it away leads out again.
  await key(page, 'ArrowLeft')
  await expect(tree.getByRole('treeitem', { expanded: true })).toBeFocused()
  await key(page, 'ArrowLeft')
  await expect(items).toHaveCount(count)
  await expect(nodes).toHaveCount(count)

  // What is deleted goes from both, and the keyboard stays in the tree.
  await key(page, 'Delete')
  await expect(items).toHaveCount(count - 1)
  await expect(nodes).toHaveCount(count - 1)
  await expect(tree.locator(':focus')).toHaveCount(1)
  await untouched()
})

test('nothing moves for who wants less of it', async ({ app: { page } }) => {
  const longest = () =>
    page.evaluate(() => {
      const seconds = (text: string) => Math.max(...text.split(',').map((one) => parseFloat(one)))
      return Math.max(
        ...[...document.querySelectorAll('*')].flatMap((element) => {
          const style = getComputedStyle(element)
          return [seconds(style.transitionDuration), seconds(style.animationDuration)]
        }),
      )
    })
  expect(await longest()).toBeGreaterThan(0.05)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await longest()).toBeLessThanOrEqual(0.001)
})

test('wherever the keyboard comes, it is seen there, also in high contrast and in forced colours', async ({
  app: { page },
}) => {
  const visited = new Set<string>()
  const stops = async (most: number) => {
    const unseen: string[] = []
    for (let i = 0; i < most; i++) {
      await key(page, 'Tab')
      const seen = await page.evaluate(() => {
        const element = document.activeElement
        if (!element || element === document.body) return null
        const parts = [
          element,
          ...element.querySelectorAll('.block, .svelte-flow__edge-path'),
          element.closest('label'),
        ]
        const marked = parts.some((part) => {
          if (!part) return false
          const { outlineStyle, outlineWidth, boxShadow, stroke } = getComputedStyle(part)
          const drawn = part.classList.contains('svelte-flow__edge-path') && stroke !== 'none'
          return drawn || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none'
        })
        const next = element.nextElementSibling
        const label = next && getComputedStyle(next).outlineStyle !== 'none'
        const what = element.getAttribute('aria-label') ?? element.textContent ?? ''
        return { marked: marked || label, what: `${element.tagName} ${element.className} ${what.trim().slice(0, 40)}` }
      })
      if (seen) visited.add(seen.what)
      if (seen && !seen.marked) unseen.push(seen.what)
    }
    return unseen
  }
  await page.mouse.move(2, 880)
  await key(page, 'ControlOrMeta+4')
  expect(await stops(60)).toEqual([])
  expect(visited.size, 'nothing holds the keyboard').toBeGreaterThan(40)
  await page.emulateMedia({ contrast: 'more' })
  await expect(page.locator('html')).toHaveCSS('--ring', '3px')
  expect(await stops(12)).toEqual([])
  await page.emulateMedia({ forcedColors: 'active' })
  expect(await stops(12)).toEqual([])
})
