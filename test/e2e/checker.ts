/** An automatic look at a page by the rules of accessibility-checker-engine, an independent engine. */
import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const engine = readFileSync(createRequire(import.meta.url).resolve('accessibility-checker-engine/ace.js'), 'utf8')

interface Finding {
  readonly ruleId: string
  /** [VIOLATION | RECOMMENDATION | …, FAIL | POTENTIAL | MANUAL | PASS …] */
  readonly value: readonly [string, string]
  readonly message: string
  readonly snippet: string
  readonly path: { readonly dom: string }
  /** It lies in a block on the canvas. */
  readonly onBlock: boolean
}

/**
 * What it holds against us that is none of ours to change, or no fault:
 * - The canvas library draws each wire, the arrow heads and the dots of the ground in a picture of its own. What is in the
 *   picture of a wire has a name, which the audit looks at itself.
 * - The fields on a block shrink with the drawing; the same fields in the inspector do not (WCAG 2.5.8, "equivalent").
 * - A switch stands to the right of its words here, as switches do; the rule is made for boxes that are ticked.
 */
const excused = ({ ruleId, snippet, onBlock }: Finding) =>
  (ruleId === 'svg_graphics_labelled' && /svelte-flow__(edge-wrapper|marker|background)/.test(snippet)) ||
  (ruleId === 'target_spacing_sufficient' && onBlock) ||
  (ruleId === 'input_label_after' && snippet.includes('role="switch"'))

/** What it is sure breaks a rule of WCAG 2.2, a line each. */
export async function violations(page: Page): Promise<readonly string[]> {
  // Evaluated by the tools, not by the page, so the page's own policy on scripts stays as it is.
  await page.evaluate(`globalThis.ace ??= (() => { ${engine}; return ace })()`)
  const findings: readonly Finding[] = await page.evaluate(async () => {
    const { ace } = globalThis as unknown as {
      ace: { Checker: new () => { check(root: Document, policies: string[]): Promise<{ results: Finding[] }> } }
    }
    // What is folded away is looked at too; closed, its fields would be found without their labels.
    for (const details of document.querySelectorAll('details')) details.open = true
    const { results } = await new ace.Checker().check(document, ['WCAG_2_2'])
    const elementAt = (path: string) => {
      const found = document.evaluate(path, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue
      return found instanceof Element ? found : null
    }
    return results.map(({ ruleId, value, message, snippet, path }) => {
      const onBlock = elementAt(path.dom)?.closest('.svelte-flow__node') != null
      return { ruleId, value, message, snippet, path, onBlock }
    })
  })
  return findings
    .filter((finding) => finding.value[0] === 'VIOLATION' && finding.value[1] === 'FAIL' && !excused(finding))
    .map(({ ruleId, message, snippet, path }) => `${ruleId}: ${message} ${snippet} ${path.dom}`)
}
