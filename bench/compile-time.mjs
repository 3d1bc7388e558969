// Measures the time from a document to its first training step, a fresh process for each sample, for W1 to W6 and every
// document that ships: `npm run bench -- --compile [--workload W1] [--rounds 3] [--node PATH] [--phases]`.
//
// Cold is the first compilation of a process (our modules are loaded, none of them has run), warm the second, again what
// starting again costs after an edit that compiles nothing. `device` is the opening of the device, once a process.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { main, root, say, SetupError } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    compile: { type: 'boolean' },
    workload: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    node: { type: 'string', default: process.execPath },
    phases: { type: 'boolean', default: false },
    // For profiles: keeps the bundle there and measures nothing.
    bundle: { type: 'string' },
  },
})

/** Functions that are phases, by file. */
const phases = {
  'src/compiler/analyze.ts': { analyze: 'analyze' },
  'src/compiler/1-flatten.ts': { flatten: 'flatten' },
  'src/compiler/2-trace.ts': { trace: 'trace' },
  'src/compiler/3-differentiate.ts': { differentiate: 'differentiate' },
  'src/compiler/4-simplify.ts': { simplify: 'simplify' },
  'src/compiler/5-fuse.ts': { fuse: 'fuse' },
  'src/compiler/6-schedule.ts': { schedule: 'schedule' },
  'src/train/network.ts': { buildNetwork: 'network' },
  'src/backends/wasm/compile.ts': { compilePlan: 'emit' },
}

/** Puts `clock.timed` around those functions, so that the program itself need not know that it is measured. */
const timing = {
  name: 'timing',
  enforce: 'pre',
  transform(code, id) {
    const [file, names] = Object.entries(phases).find(([path]) => id === join(root, path)) ?? []
    if (!file) return undefined
    let wrapped = `import { clock } from ${JSON.stringify(join(root, 'bench/phases.ts'))}\n${code}`
    for (const [name, phase] of Object.entries(names)) {
      const head = `export function ${name}(`
      if (!wrapped.includes(head)) throw new SetupError(`${file} has no function ${name} to be timed.`)
      wrapped = wrapped.replace(head, `function untimed_${name}(`)
      const inner = `untimed_${name}(...(given as Parameters<typeof untimed_${name}>))`
      wrapped += `\nexport function ${name}(...given: unknown[]) {\n  return clock.timed('${phase}', () => ${inner})\n}\n`
    }
    return { code: wrapped, map: null }
  },
}

const shown = (ms) => (ms === undefined ? '' : ms >= 100 ? ms.toFixed(0) : ms.toFixed(1))
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length

function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  for (const row of rows)
    say(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
}

await main(async () => {
  const folder = options.bundle ?? mkdtempSync(join(tmpdir(), 'compile-time-'))
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      publicDir: false,
      plugins: [timing],
      ssr: { target: 'node', noExternal: true },
      build: {
        ssr: 'bench/compile-time.ts',
        outDir: folder,
        target: 'node20',
        minify: false,
        emptyOutDir: true,
        rolldownOptions: { output: { entryFileNames: 'compile-time.mjs' } },
      },
    })
    if (options.bundle) return say(`${join(folder, 'compile-time.mjs')} NAME ${join(root, 'models')}`)
    const examples = readdirSync(join(root, 'models/examples')).map((file) => file.replace('.json', ''))
    const names = options.workload ?? ['W1', 'W2_b32', 'W2_b256', 'W3', 'W4', 'W5', 'W6', ...examples]
    const columns = [...new Set(Object.values(phases).flatMap(Object.values)), 'V8', 'first step', 'rest']
    let clock = 'wall clock'
    const rows = [['milliseconds', ...(options.phases ? columns : []), 'cold', 'warm', 'again', 'module, kB', 'device']]
    for (const name of names) {
      const samples = Array.from({ length: Number(options.rounds) }, () => {
        const { status, stdout, stderr } = spawnSync(
          options.node,
          [join(folder, 'compile-time.mjs'), name, join(root, 'models')],
          { encoding: 'utf8' },
        )
        if (status !== 0) throw new SetupError(`${name}: ${stderr}`)
        const sample = JSON.parse(stdout)
        if (sample.coreTime) clock = 'core time'
        return sample
      })
      rows.push([
        name,
        ...(options.phases ? columns.map((phase) => shown(mean(samples.map(({ cold }) => cold[phase] ?? 0)))) : []),
        shown(median(samples.map(({ cold }) => cold.total))),
        shown(median(samples.map(({ warm }) => warm.total))),
        shown(median(samples.map(({ again }) => again.total))),
        (samples[0].moduleBytes / 1000).toFixed(0),
        shown(median(samples.map(({ device }) => device))),
      ])
    }
    say(`from document to first training step, ${clock}, median of ${options.rounds} fresh processes`)
    table(rows)
  } finally {
    if (!options.bundle) rmSync(folder, { recursive: true, force: true })
  }
})
