// The palette: a block is found by what it is called anywhere, and its card says what it does.
import { clear, expect, test } from './fixtures.ts'

const finds = [
  ['fully connected', 'Dense'],
  ['deconvolution', 'UpConv2D'],
  ['up-conv', 'UpConv2D'],
  ['BCE', 'Binary Cross Entropy'],
  ['conv 2d', 'Conv2D'],
  ['sofmax', 'Softmax'],
] as const

test('a block is found by its name, by a synonym, and with a slip of the pen', async ({ app: { page } }) => {
  const palette = page.getByRole('navigation', { name: 'Palette' })
  for (const [asked, title] of finds) {
    await page.getByLabel('Find a block').fill(asked)
    await expect(palette.locator('.item').first(), asked).toHaveText(new RegExp(`^\\s*${title}`))
  }
  await page.getByLabel('Find a block').fill('nothing like it')
  await expect(palette).toContainText('No block is called “nothing like it” or does that.')
  await palette.getByRole('button', { name: 'Show all blocks' }).click()
  await expect(palette.getByRole('region', { name: 'Function' })).toBeVisible()
})

test('a card shows picture, formula and shapes, for the pointer and for the keyboard', async ({ app: { page } }) => {
  const palette = page.getByRole('navigation', { name: 'Palette' })
  const card = page.getByRole('tooltip')
  await palette.getByRole('button', { name: 'Dense', exact: true }).hover()
  await expect(card).toContainText('Multiplies the last axis')
  await expect(card.locator('.formula')).toContainText('W')
  await expect(card.locator('.shapes').first()).toHaveText(/B\s×\s5\s*→\s*B\s×\s3/)
  await expect(card.locator('svg circle').first()).toBeVisible()
  await page.mouse.move(800, 300)
  await expect(card).toBeHidden()

  await page.getByLabel('Find a block').fill('tanh')
  await expect(card).toContainText('f′(x)')
  const curve = await card.locator('path.value').getAttribute('d')
  expect(curve?.split('L').length).toBeGreaterThan(8)
  await page.getByLabel('Find a block').fill('e')
  await page.keyboard.press('ArrowDown')
  await expect(palette.locator('.item:focus')).toHaveCount(1)
  await expect(card).toBeVisible()
})

test('Enter adds what is chosen with the arrow keys', async ({ app: { page } }) => {
  await clear(page)
  await page.getByLabel('Find a block').fill('norm')
  const palette = page.getByRole('navigation', { name: 'Palette' })
  const second = await palette.locator('.item').nth(1).innerText()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.locator('.svelte-flow__node .kind')).toHaveText([second.trim()])
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  await expect(page.getByLabel('Find a block')).toBeFocused()
})
