import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blocks } from '../../src/blocks/index.ts'
import { blocksPage } from '../../src/node/cli/blocks.ts'

const page = new URL('../../docs/blocks.md', import.meta.url)

test('the reference page is what the block files say', () => {
  if (process.env['UPDATE_GOLDEN']) writeFileSync(page, blocksPage())
  expect(readFileSync(page, 'utf8')).toBe(blocksPage())
})

test('the reference page names every block, port and parameter', () => {
  const text = blocksPage()
  for (const { title, doc, inputs, outputs, params } of blocks) {
    expect(text).toContain(`### ${title}\n\n${doc}\n`)
    for (const port of Object.keys(inputs)) expect(text).toContain(`- in \`${port}\``)
    for (const port of Object.keys(outputs)) expect(text).toContain(`- out \`${port}\``)
    for (const name of Object.keys(params)) expect(text).toContain(`- parameter \`${name}\` (`)
  }
})
