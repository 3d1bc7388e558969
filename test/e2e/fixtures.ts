/**
 * The app, opened the way its person opens it, in either of its homes: the project `browser-host` starts the loopback
 * host and a browser, `electron` the desktop program. Specs see only the page and the few things that differ.
 */
import { test as base, expect, type ElectronApplication, type Locator, type Page } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { electronBinary } from '../../scripts/electron.mjs'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const TOKEN = 'a-token-for-tests-that-is-long-enough-0123456789'

export interface App {
  readonly page: Page
  /** The folder that the program keeps its data in. */
  readonly data: string
  /** Chooses this file in the dialog that `click` opens. */
  choose(click: () => Promise<void>, path: string): Promise<void>
  /** The text of the document that `click` saves. */
  saved(click: () => Promise<void>): Promise<string>
  /** Ends the engine as a crash would. */
  killEngine(): Promise<void>
  /**
   * Ends the program and starts it again over the same data folder; `page` is of no use afterwards. In a browser it is at
   * another address then, and the browser has forgotten everything.
   */
  restart(): Promise<Page>
  /** Ends the program; `page` is of no use afterwards. */
  quit(): Promise<void>
  /** From here on errors on the console are part of the test. */
  expectTrouble(): void
}

interface Home {
  readonly page: Page
  readonly desktop: ElectronApplication | null
  end(): Promise<void>
}

interface Options {
  /** Megabytes of a set that the engine holds in memory; null: as many as it holds without being told. */
  memory: number | null
}

export const test = base.extend<Options & { app: App }>({
  memory: [null, { option: true }],
  app: async ({ playwright, launchOptions, viewport, memory }, use, info) => {
    const data = mkdtempSync(join(tmpdir(), 'neuroloom-e2e-'))
    const size = viewport ?? { width: 1440, height: 900 }
    const errors: string[] = []
    let quiet = true
    const open = async () => {
      const home =
        info.project.name === 'electron'
          ? await openDesktop(playwright._electron, environment(data, memory))
          : await openBrowser(await playwright.chromium.launch(launchOptions), await startHost(data, memory), size)
      home.page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
      home.page.on('pageerror', (error) => void errors.push(error.message))
      await ready(home.page)
      return home
    }
    let home = await open()
    let running = true
    const quit = async () => {
      if (running) await home.end()
      running = false
    }
    await use({
      page: home.page,
      data,
      choose: (click, path) => choose(home, click, path),
      saved: (click) => saved(home, click, join(data, 'saved.json')),
      killEngine: () => killEngine(home.page),
      restart: async () => {
        await home.end()
        home = await open()
        return home.page
      },
      quit,
      expectTrouble: () => void (quiet = false),
    })
    await quit()
    rmSync(data, { recursive: true, force: true })
    if (quiet) expect(errors, 'errors on the console').toEqual([])
  },
})
export { expect }

/** The window shows a drawing, or says that there is none, and the engine answers. */
export async function ready(page: Page): Promise<void> {
  await expect(page.locator('.status')).toContainText('Engine ready, process')
  await expect(page.locator('.svelte-flow__node').or(page.getByText('Draw a network')).first()).toBeVisible()
}

async function openBrowser(
  browser: Awaited<ReturnType<typeof import('@playwright/test').chromium.launch>>,
  { host, address }: StartedHost,
  viewport: { width: number; height: number },
): Promise<Home> {
  const context = await browser.newContext({ viewport, acceptDownloads: true })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  // Its file dialogs cannot be answered by a test; without them the window uses a file field and a download.
  await context.addInitScript(() => {
    for (const name of ['showOpenFilePicker', 'showSaveFilePicker'])
      Object.defineProperty(globalThis, name, { value: undefined })
  })
  const page = await context.newPage()
  await page.goto(address)
  return {
    page,
    desktop: null,
    end: async () => {
      await browser.close()
      host.kill()
      await new Promise((resolve) => host.once('exit', resolve))
    },
  }
}

function environment(data: string, memory: number | null): { [name: string]: string } {
  const own = { NEUROLOOM_DATA: data, ...(memory !== null && { NEUROLOOM_MEMORY: `${memory}` }) }
  return { ...(process.env as { [name: string]: string }), ...own }
}

interface StartedHost {
  readonly host: ChildProcess
  readonly address: string
}

/** The loopback host on a port and data folder of its own. */
export function startHost(data: string, memory: number | null = null): Promise<StartedHost> {
  const host = spawn(process.execPath, [join(root, 'out/node/host-main.js')], {
    env: { ...environment(data, memory), NEUROLOOM_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    createInterface({ input: host.stdout }).on('line', (line) => {
      const address = /^READY (http:\S+)/.exec(line)?.[1]
      if (address) resolve({ host, address })
    })
    host.once('exit', (code) => reject(new Error(`The host ended with code ${code} before it was ready.`)))
  })
}

async function openDesktop(
  electron: typeof import('@playwright/test')._electron,
  env: { [name: string]: string },
): Promise<Home> {
  const executablePath = electronBinary()
  const desktop = await electron.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [root],
    env,
  })
  return { page: await desktop.firstWindow(), desktop, end: () => desktop.close() }
}

async function choose({ page, desktop }: Home, click: () => Promise<void>, path: string): Promise<void> {
  if (desktop) {
    await desktop.evaluate(({ dialog }, file) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] })
    }, path)
    return click()
  }
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), click()])
  await chooser.setFiles(path)
}

async function saved({ page, desktop }: Home, click: () => Promise<void>, path: string): Promise<string> {
  if (desktop) {
    await desktop.evaluate(({ dialog }, file) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: file })
    }, path)
    await click()
    await expect(page.getByRole('img', { name: 'Saved' })).toBeAttached()
    return readFileSync(path, 'utf8')
  }
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  return readFileSync(await download.path(), 'utf8')
}

async function killEngine(page: Page): Promise<void> {
  const text = await page.locator('.status .engine').innerText()
  process.kill(Number(/process (\d+)/.exec(text)?.[1]), 'SIGKILL')
}

// What a person does with the mouse

export const canvas = (page: Page): Locator => page.locator('.canvas .svelte-flow')
export const block = (page: Page, name: string): Locator =>
  page.locator('.svelte-flow__node').filter({ has: page.locator('header strong').getByText(name, { exact: true }) })
export const input = (page: Page, of: string, port: string): Locator =>
  page.getByLabel(`Input ${port} of ${of}`, { exact: true })
export const output = (page: Page, of: string, port: string): Locator =>
  page.getByLabel(`Output ${port} of ${of}`, { exact: true })
export const wires = (page: Page): Locator => page.locator('.svelte-flow__edge')
export const inspector = (page: Page): Locator => page.getByRole('complementary', { name: 'Inspector' })

/** Drags a block from the palette to a place on the canvas. */
export async function place(page: Page, title: string, x: number, y: number): Promise<void> {
  const item = page.getByRole('navigation', { name: 'Palette' }).getByRole('button', { name: title, exact: true })
  await item.dragTo(canvas(page), { targetPosition: { x, y } })
}

async function middle(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('It cannot be seen.')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Drops files or a folder of this machine on the middle of the window, as its file manager does. */
export const drop = (page: Page, ...files: readonly string[]): Promise<void> =>
  dropAt(page, { x: 700, y: 300 }, ...files)

export async function dropAt(page: Page, place: { x: number; y: number }, ...files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [...files], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...place, data })
  await session.detach()
}

/** Draws a wire from port to port, and holds it there without letting go. */
export async function hold(page: Page, from: Locator, to: Locator): Promise<void> {
  const start = await middle(from)
  const end = await middle(to)
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 })
  await page.mouse.move(end.x, end.y, { steps: 6 })
}
export async function wire(page: Page, from: Locator, to: Locator): Promise<void> {
  await hold(page, from, to)
  await page.mouse.up()
}

/** Empties the drawing. */
export async function clear(page: Page): Promise<void> {
  await canvas(page).click({ position: { x: 6, y: 6 } })
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await expect(page.getByText('Draw a network')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+0')
}

/** Opens one of the examples that ship. */
export async function example(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Examples' }).click()
  // The note of one may name another.
  await page
    .getByRole('menuitem')
    .filter({ has: page.getByText(name, { exact: true }) })
    .click()
}
