// `node scripts/screenshots.mjs`: the pictures of docs/images. The window in its three themes is taken while the shipped
// digits example trains; the others show what the guide speaks of. Builds what is stale, starts the loopback host on a data
// folder of its own, and ends it again. With names behind it, `screenshots.mjs import doctor`, it writes only those.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureChromium, systemChromium } from './chromium.mjs'
import { ensureBuild, ensureModules, main, root, say } from './setup.mjs'

const size = { width: 1440, height: 900 }
const wanted = process.argv.slice(2)

await main(async () => {
  ensureModules()
  ensureBuild(['renderer', 'node'])
  if (!(await ensureChromium())) return void (process.exitCode = 1)
  const { chromium } = await import('@playwright/test')
  const data = mkdtempSync(join(tmpdir(), 'neuroloom-pictures-'))
  const host = spawn(process.execPath, [join(root, 'out/node/host-main.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NEUROLOOM_DATA: data },
  })
  const browser = await chromium.launch({
    executablePath: systemChromium(),
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage({ viewport: size, colorScheme: 'light', reducedMotion: 'reduce' })
    await page.goto(await addressOf(host))
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    // Far enough for curves with a shape, and not yet at the end.
    await page
      .getByText(/Epoch [7-9] of/)
      .first()
      .waitFor({ timeout: 120_000 })
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.locator('.svelte-flow__node').filter({ hasText: 'conv1' }).locator('header').click()
    mkdirSync(join(root, 'docs/images'), { recursive: true })
    const picture = async (name) => {
      if (wanted.length > 0 && !wanted.includes(name)) return
      // Charts are drawn anew in other colours, and what moves comes to rest.
      await page.waitForTimeout(600)
      const path = `docs/images/${name}.png`
      await page.screenshot({ path: join(root, path) })
      say(`Wrote ${path}.`)
    }
    await page.mouse.move(1, 1)
    await picture('window-light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await picture('window-dark')
    await page.emulateMedia({ colorScheme: 'light', contrast: 'more' })
    await picture('window-contrast')
    await page.emulateMedia({ contrast: 'no-preference' })

    const block = (name) => page.locator('.svelte-flow__node', { has: page.getByText(name, { exact: true }) }).first()
    const port = (name, side) => block(name).locator(`.svelte-flow__handle.${side}`).first()
    const middle = async (locator) => {
      const box = await locator.boundingBox()
      return [box.x + box.width / 2, box.y + box.height / 2]
    }
    const drag = async (from, to) => {
      await page.mouse.move(...from)
      await page.mouse.down()
      await page.mouse.move(to[0] - 20, to[1] - 20, { steps: 6 })
      await page.mouse.move(...to, { steps: 4 })
      await page.mouse.up()
    }
    await page.getByRole('button', { name: 'Stop' }).click()
    // A picture that goes straight into a layer for lists of numbers.
    await drag(await middle(port('pool2', 'source')), await middle(port('digits', 'target')))
    await page.getByRole('dialog', { name: 'What does not fit' }).waitFor()
    await picture('doctor')
    await page.keyboard.press('Escape')

    const [x, y] = await middle(port('softmax', 'source'))
    await drag([x, y], [x - 220, y + 70])
    await page.getByRole('combobox', { name: 'Block to look for' }).waitFor()
    await picture('add')
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+K')
    await page.keyboard.type('pool')
    await picture('commands')
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Examples' }).click()
    await page
      .getByRole('menuitem', { name: /^Inception/ })
      .first()
      .click()
    await block('inception1').locator('.mark').dblclick()
    await page.getByRole('region', { name: 'Inputs of the composite' }).waitFor()
    await picture('composite')

    await page.getByRole('button', { name: 'Examples' }).click()
    await page
      .getByRole('menuitem', { name: /^Stroke digits/ })
      .first()
      .click()
    await page.getByRole('tab', { name: 'Data', exact: true }).click()
    const vary = page.getByRole('region', { name: 'Vary pictures' })
    await vary.getByRole('switch', { name: 'Vary', exact: true }).click()
    for (const [label, value] of Object.entries({ 'Rotate, °': '25', 'Noise, %': '6', 'Cut out, %': '25' }))
      await vary.getByLabel(label).fill(value)
    await vary.getByRole('table').waitFor()
    await vary.evaluate((section) => section.scrollIntoView({ block: 'start' }))
    await picture('vary')
    await page.getByRole('tab', { name: 'Network', exact: true }).click()

    // As a file manager drops it.
    const session = await page.context().newCDPSession(page)
    const dropped = { items: [], files: [join(root, 'models/data/iris.csv')], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'])
      await session.send('Input.dispatchDragEvent', { type, x: 700, y: 300, data: dropped })
    await page
      .getByRole('dialog', { name: 'iris.csv' })
      .getByRole('button', { name: /^New drawing/ })
      .waitFor()
    await picture('import')
  } finally {
    await browser.close()
    host.kill()
    rmSync(data, { recursive: true, force: true })
  }
})

function addressOf(host) {
  return new Promise((resolve, reject) => {
    createInterface({ input: host.stdout }).on('line', (line) => {
      const address = /^READY (http:\S+)/.exec(line)?.[1]
      if (address) resolve(address)
    })
    host.once('exit', (code) => reject(new Error(`The host ended with code ${code} before it was ready.`)))
  })
}
