import { defineConfig } from '@playwright/test'
import { systemChromium } from './scripts/chromium.mjs'
import { electronBinary, noWindowReason } from './scripts/electron.mjs'

const isRoot = process.getuid?.() === 0
const inBrowser = (...args: readonly string[]) => ({
  browserName: 'chromium' as const,
  launchOptions: {
    executablePath: systemChromium(),
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      ...args,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  },
})
const GPU_PAGE = '**/gpu-page.pw.ts'

// One set of specs for both hosts; a spec's fixture sees in the project's name which one it is to open. The Electron
// project is there only where a window can be opened; `npm test` counts its absence as a skip and says so.
export default defineConfig({
  testDir: 'test/e2e',
  // Not *.test.ts, which are Vitest's.
  testMatch: '**/*.pw.ts',
  outputDir: 'test-results/e2e',
  // A machine that is busy with other things takes several times as long; who waits for what is seen loses nothing by it.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  // Each test trains on all cores; two at a time would measure each other.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'browser-host', testIgnore: GPU_PAGE, use: inBrowser('--disable-gpu') },
    {
      // The page of the desktop's hidden window, in a browser that is told to offer its software adapter. Clearing workgroup
      // memory, which our shaders never count on, takes that adapter very long. Electron tells its end of a port when the other
      // one is gone; in a page, which has that end here, this is a feature.
      name: 'gpu-page',
      testMatch: GPU_PAGE,
      use: inBrowser(
        '--enable-unsafe-webgpu',
        '--enable-dawn-features=disable_workgroup_init',
        '--enable-blink-features=MessagePortCloseEvent',
      ),
    },
    ...(electronBinary() && !noWindowReason() ? [{ name: 'electron', testIgnore: GPU_PAGE }] : []),
  ],
})
