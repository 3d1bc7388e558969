/** Waiting for what a page shows, however slow the machine is, and for what it shows but briefly, however fast. */
import type { Page } from '@playwright/test'

/** What was pressed until now is done and drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

/** What `look` gives as soon as it gives the same `times` times more, and something else than `before` where that is given. */
export async function rested<T>(
  page: Page,
  look: () => Promise<T>,
  { before, times = 3 }: { readonly before?: T; readonly times?: number } = {},
): Promise<T> {
  const same = (a: T, b: T) => JSON.stringify(a) === JSON.stringify(b)
  let last = await look()
  for (let equal = 0; equal < times;) {
    await page.waitForTimeout(60)
    await drawn(page)
    const now = await look()
    equal = same(now, last) && !(before !== undefined && same(now, before)) ? equal + 1 : 0
    last = now
  }
  return last
}

/** Returns in the very frame in which something shows these words; Playwright's own waits look twice a second and less. */
export async function appears(page: Page, selector: string, words: RegExp): Promise<void> {
  await page.evaluate(
    ([selector, source]) =>
      new Promise<void>((done, fail) => {
        const pattern = new RegExp(source)
        const end = performance.now() + 120_000
        const look = () => {
          if ([...document.querySelectorAll(selector)].some(({ textContent }) => pattern.test(textContent))) done()
          else if (performance.now() > end) fail(new Error(`Nothing shows ${source}.`))
          else requestAnimationFrame(look)
        }
        look()
      }),
    [selector, words.source] as const,
  )
}
