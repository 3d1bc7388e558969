// `npm test`: installs what is missing, runs every check, goes on after a failing one, and ends with one line,
// `N passed, N failed, N skipped`, over all of them. Types, lint, format and build count as one each.
//
//   npm test [-- --only unit[,lint,...] [more for the runner, e.g. a file]]
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { electronBinary, noWindowReason } from './electron.mjs'
import { ensureBuild, ensureModules, root, runNode, SetupError } from './setup.mjs'

const minutes = 60_000
/** For the runners' reports; a folder of its own, so that two runs at once do not read each other's. */
const reports = mkdtempSync(join(tmpdir(), 'neuroloom-test-'))
const args = process.argv.slice(2)
const at = args.indexOf('--only')
const only = at < 0 ? undefined : args[at + 1]?.split(',')
/** What is left goes to the runner, so it makes sense with one runner only. */
const rest = at < 0 ? [] : args.slice(at + 2)

const passed = { passed: 1, failed: 0, skipped: [] }
const failed = (output) => ({ passed: 0, failed: 1, skipped: [], output })

/** Each part gives how many passed and failed, what was skipped and what failed by name, and what there is to read about failures. */
const parts = {
  types: () =>
    all([
      ...['core', 'node', 'page'].map((name) => ['node_modules/typescript/bin/tsc', '-p', `tsconfig.${name}.json`]),
      [
        'node_modules/svelte-check/bin/svelte-check',
        '--tsconfig',
        'tsconfig.web.json',
        '--output',
        'human',
        '--fail-on-warnings',
      ],
    ]),
  lint: () => all([['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']]),
  format: () => all([['node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn']]),
  build: () => {
    ensureBuild()
    return passed
  },
  // After the build, because tests of processes and worker threads run what was built: Node 20 knows no TypeScript.
  unit: runVitest,
  e2e: runPlaywright,
}

/** Runs Node programs, all of which must end well. */
function all(commands) {
  const bad = commands.map((command) => runNode(command, { timeout: 5 * minutes })).filter((result) => !result.ok)
  return bad.length === 0 ? passed : failed(bad.map((result) => result.output).join('\n'))
}

async function runVitest() {
  // Its software adapter is the GPU of the tests; without it those are skipped by name.
  await ensureChromium()
  const report = join(reports, 'unit.json')
  const { ok, output } = runNode(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...rest,
    ],
    { timeout: 55 * minutes },
  )
  const json = readReport(report)
  if (!json) return failed(`${output}\nVitest ended without a report.`)
  // A file that cannot even be loaded has no tests to fail, so it counts itself.
  const dead = json.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const tests = json.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, name: `${relative(root, file.name)}: ${test.fullName}` })),
  )
  const skipped = tests.filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status))
  return verdict({
    ok,
    output,
    passed: json.numPassedTests,
    failed: json.numFailedTests + dead,
    skipped: skipped.map((test) => test.name),
    names: tests.filter((test) => test.status === 'failed').map((test) => named(test.name, test.failureMessages?.[0])),
  })
}

async function runPlaywright() {
  ensureBuild(['renderer', 'node'])
  if (!(await ensureChromium())) return failed('No browser to test in, see above.')
  const report = join(reports, 'e2e.json')
  const { ok, output } = runNode(['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json', ...rest], {
    timeout: 55 * minutes,
    // Its workers are told to colour, and Node warns of each that is also told not to.
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report, NO_COLOR: undefined },
  })
  const json = readReport(report)
  if (!json) return failed(`${output}\nPlaywright ended without a report.`)
  const skipped = specs(json)
    .filter((spec) => spec.tests.some((test) => test.status === 'skipped'))
    .map((spec) => `${spec.file}: ${spec.title}${reasonOf(spec)}`)
  const { expected, unexpected, flaky } = json.stats
  const names = specs(json)
    .filter((spec) => !spec.ok)
    .map((spec) => named(`${spec.file}:${spec.line}: ${spec.title}`, messageOf(spec)))
  return verdict({ ok, output, passed: expected, failed: unexpected + flaky, skipped, names })
}

function messageOf({ tests }) {
  const errors = tests.flatMap(({ results }) => results.flatMap(({ error }) => error?.message ?? []))
  return errors[0]
}

/** A test with the first line of its reason, without the colours. */
function named(name, reason = '') {
  // eslint-disable-next-line no-control-regex -- colours begin with an escape
  const [line = ''] = reason.replace(/\u001b\[[0-9;]*m/g, '').split('\n')
  return line === '' ? name : `${name} (${line})`
}

function reasonOf({ tests }) {
  const reasons = tests.flatMap(({ annotations }) => annotations.map(({ description }) => description ?? ''))
  const [reason = ''] = reasons.filter(Boolean)
  return reason && ` (${reason})`
}

const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)]

/** A runner that ran nothing, or is unhappy for a reason outside its tests, has failed. */
function verdict({ ok, output, ...counts }) {
  if (counts.passed + counts.failed === 0) return { ...failed(`${output}\nNot one test ran.`), skipped: counts.skipped }
  if (!ok && counts.failed === 0) counts.failed = 1
  return { ...counts, output: counts.failed > 0 ? output : '' }
}

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

async function attempt(part) {
  try {
    return await part()
  } catch (error) {
    return failed(error instanceof SetupError ? error.message : error.stack)
  }
}

const total = { passed: 0, failed: 0, skipped: [], names: [] }

async function report(name, part) {
  const started = Date.now()
  const result = await attempt(part)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  total.passed += result.passed
  total.failed += result.failed
  total.skipped.push(...result.skipped)
  if (result.failed > 0) total.names.push(...(result.names?.length > 0 ? result.names : [name]))
  if (result.output) console.log(`\n${result.output.trim()}\n`)
  const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped.length} skipped`
  console.log(`${result.failed > 0 ? 'FAILED' : 'ok    '} ${name.padEnd(8)} ${counts} (${seconds} s)`)
  return result.failed === 0
}

const unknown = only?.filter((name) => !(name in parts)) ?? (at < 0 ? [] : ['nothing'])
if (unknown.length > 0) {
  console.log(`--only knows ${Object.keys(parts).join(', ')}; not ${unknown.join(', ')}`)
  process.exit(2)
}
if (await report('setup', () => (ensureModules(), { ...passed, passed: 0 }))) {
  for (const [name, part] of Object.entries(parts)) if (!only || only.includes(name)) await report(name, part)
}
rmSync(reports, { recursive: true })
// Playwright has no Electron project then, so nobody else would say that it is missing.
const noWindow = electronBinary() ? noWindowReason() : 'no Electron binary here'
if (noWindow && (!only || only.includes('e2e'))) total.skipped.push(`Electron window end-to-end: ${noWindow}`)
for (const name of total.skipped) console.log(`skipped: ${name}`)
// Last, where whoever reads only the end finds them.
for (const name of total.names) console.log(`failed: ${name}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0
