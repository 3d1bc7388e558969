/** Pictures and sounds of one's own, tried on a network: chosen, dropped, pasted, recorded. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { systemChromium } from '../../scripts/chromium.mjs'
import { violations } from './checker.ts'
import { drop, dropAt, example, expect, inspector, test } from './fixtures.ts'
import { png } from './png.ts'

const RATE = 8000
/** Of three pitches. */
const pitches = { low: 300, middle: 900, high: 2700 }

function wav(pitch: number, seconds: number, loudness = 0.5, rate = RATE): Buffer {
  const count = Math.round(seconds * rate)
  const file = Buffer.alloc(44 + 2 * count)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + 2 * count, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  for (const [place, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    file.writeUInt16LE(value, place)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(2 * rate, 28)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(2 * count, 40)
  for (let i = 0; i < count; i++)
    file.writeInt16LE(Math.round(32_767 * loudness * Math.sin((2 * Math.PI * pitch * i) / rate)), 44 + 2 * i)
  return file
}

/** A stroke from top to bottom, black on white: a one. */
const one = () => png(60, 80, (x, y) => (y >= 15 && y < 65 && x >= 27 && x < 33 ? 0 : 255))

const folder = mkdtempSync(join(tmpdir(), 'neuroloom-try-'))
const spoken = join(folder, 'spoken.wav')
writeFileSync(spoken, wav(pitches.middle * 1.02, 4, 0.3, 44_100))

// What the browser's microphone hears is a file, again and again.
test.use({
  launchOptions: {
    executablePath: systemChromium() ?? '',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${spoken}`,
    ],
  },
})

const status = (page: Page) => page.getByRole('status', { name: 'Progress of the run' })
const tab = (page: Page, name: string) => page.getByRole('group', { name: 'Panel' }).getByText(name, { exact: true })
const panel = (page: Page) => page.getByRole('region', { name: 'Try it' })
const answer = (page: Page) => panel(page).locator('.best')
const seen = (page: Page, name: string) => panel(page).getByRole('figure', { name: `${name} as the network sees it` })

test('a picture is tried while training goes on: chosen, dropped there and not elsewhere, pasted', async ({
  app: { page, choose },
}, info) => {
  test.skip(info.project.name === 'electron', 'its file dialog is not that of a file field')
  const picture = join(folder, 'one.png')
  writeFileSync(picture, one())
  const text = join(folder, 'letter.png')
  writeFileSync(text, 'Dear network, ')
  await example(page, 'Stroke digits')
  await inspector(page).getByRole('tab', { name: 'Training' }).click()
  // So that it trains as long as this takes.
  await inspector(page).getByLabel('Epochs').fill('10000000')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(status(page)).toContainText(/Epoch ([4-9]|\d\d)/, { timeout: 60_000 })
  await tab(page, 'Try it').click()

  await choose(() => panel(page).getByRole('button', { name: 'Choose a picture…' }).click(), picture)
  await expect(answer(page)).toContainText(/^1/)
  await expect(seen(page, 'one.png')).toBeVisible()
  const moment = panel(page).getByText(/As of step/)
  const before = await moment.innerText()
  // The answer follows the network.
  await expect(moment).not.toHaveText(before)
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(status(page)).toContainText('Stopped')
  expect(await violations(page)).toEqual([])

  const box = await panel(page).boundingBox()
  if (!box) throw new Error('There is no panel.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height - 20]
  await dropAt(page, { x, y }, text)
  await expect(panel(page).getByRole('alert')).toContainText('letter.png is text and no picture; get it again.')
  await dropAt(page, { x, y }, picture, text)
  await expect(panel(page).getByRole('alert')).toContainText('2 files were given. Try one at a time.')
  await dropAt(page, { x, y }, picture)
  await expect(answer(page)).toContainText(/^1/)
  await expect(page.getByRole('dialog')).toHaveCount(0)

  // Drawing takes its place, and pasting that of the drawing.
  const pad = await page.getByRole('img', { name: /Drawing pad/ }).boundingBox()
  if (!pad) throw new Error('There is no pad.')
  await page.mouse.move(pad.x + 40, pad.y + 30)
  await page.mouse.down()
  await page.mouse.move(pad.x + 40, pad.y + 120, { steps: 6 })
  await page.mouse.up()
  await expect(seen(page, 'one.png')).toHaveCount(0)
  await page.evaluate(
    (bytes) => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([Uint8Array.from(bytes)], 'image.png', { type: 'image/png' }))
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    },
    [...one()],
  )
  await expect(seen(page, 'image.png')).toBeVisible()
  await expect(page.getByRole('img', { name: 'Drawing pad' })).toHaveAccessibleName(/It is empty/)

  // Elsewhere it is data to train on.
  await drop(page, picture)
  await expect(page.getByRole('dialog')).toContainText('one.png is one picture')
})

test('a clip of the microphone is of the class that its file is of', async ({ app: { page, choose } }, info) => {
  test.skip(info.project.name === 'electron', 'its microphone is that of the machine')
  const set = join(folder, 'tones')
  for (const [name, pitch] of Object.entries(pitches)) {
    mkdirSync(join(set, name), { recursive: true })
    for (let i = 0; i < 40; i++) {
      const file = wav(pitch * (0.9 + 0.005 * i), 0.5 + 0.002 * i, 0.1 + 0.02 * (i % 20))
      writeFileSync(join(set, name, `${i}.wav`), file)
    }
  }
  await drop(page, set)
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /network/i })
    .last()
    .click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(status(page)).toContainText('Finished', { timeout: 80_000 })
  await tab(page, 'Try it').click()

  // Not allowed yet.
  const record = panel(page).getByRole('button', { name: 'Record' })
  await record.click()
  await expect(panel(page).getByRole('alert')).toContainText('The microphone may not be used.')
  await page.context().grantPermissions(['microphone', 'clipboard-read', 'clipboard-write'])

  // The file itself, and what of it was heard.
  await choose(() => panel(page).getByRole('button', { name: 'Choose a WAV file…' }).click(), spoken)
  await expect(answer(page)).toContainText('middle')
  await expect(seen(page, 'spoken.wav')).toBeVisible()
  // The control: another file is of another class.
  const low = join(folder, 'low.wav')
  writeFileSync(low, wav(pitches.low, 1))
  await choose(() => panel(page).getByRole('button', { name: 'Choose a WAV file…' }).click(), low)
  await expect(answer(page)).toContainText('low')
  // What is heard takes its place.
  await record.focus()
  await page.keyboard.press('Enter')
  await expect(seen(page, 'Your recording')).toBeVisible()
  await expect(answer(page)).toContainText('middle')
  expect(await violations(page)).toEqual([])
})
