// `node scripts/screenshots.mjs`: the pictures of the window in docs/images, light and dark, taken while the shipped
// digits example trains. Builds what is stale, starts the loopback host on a data folder of its own, and ends it again.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureChromium, systemChromium } from './chromium.mjs'
import { ensureBuild, ensureModules, main, root, say } from './setup.mjs'

const size = { width: 1440, height: 900 }

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
    const page = await browser.newPage({ viewport: size, colorScheme: 'light' })
    await page.goto(await addressOf(host))
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    // Far enough for curves with a shape, and not yet at the end.
    await page.getByText(/Epoch [7-9] of/).waitFor({ timeout: 120_000 })
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.locator('.svelte-flow__node').filter({ hasText: 'conv1' }).locator('header').click()
    mkdirSync(join(root, 'docs/images'), { recursive: true })
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme })
      await page.mouse.move(1, 1)
      // The charts are drawn anew in the other colours.
      await page.waitForTimeout(600)
      const path = `docs/images/window-${theme}.png`
      await page.screenshot({ path: join(root, path) })
      say(`Wrote ${path}.`)
    }
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
