// Measures how somebody's own data are read, each time in a process of its own, in turns with Python's usual libraries where
// they are: a table of 10^6 rows and 20 columns beside pandas and pyarrow, a folder of 50,000 small pictures, one in a hundred
// of them broken, beside Pillow. Ends with 1 where a limit is broken or other pictures than the broken ones are left out.
//   npm run bench -- --data [--rounds 3] [--node PATH] [--python /usr/bin/python3]
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { main, root, SetupError } from '../scripts/setup.mjs'

const ROWS = 1_000_000
const PICTURES = 50_000
/** What a table may take at most: so many times what it holds, and so many bytes. */
const [TIMES, ROOM] = [4, 200e6]
const LONGEST = 30

const debian = '/usr/bin/python3'
const { values: options } = parseArgs({
  options: {
    data: { type: 'boolean' },
    rounds: { type: 'string', default: '3' },
    node: { type: 'string', default: process.execPath },
    python: { type: 'string', default: existsSync(debian) ? debian : 'python3' },
  },
})
const rounds = Number(options.rounds)

const print = (line) => process.stdout.write(`${line}\n`)
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

await main(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'neuroloom-data-'))
  try {
    process.exitCode = await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

async function measure(folder) {
  const [tables, pictures] = [await program(folder, 'data'), await program(folder, 'pictures')]
  const csv = join(folder, 'large.csv')
  ask(options.node, [tables, 'make', csv, String(ROWS)])
  print(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${ask(options.node, ['--version']).trim()}`)
  print(`medians of ${rounds} rounds, in turns, each in a process of its own; files in the disk's cache`)

  print(`\ntable of ${ROWS} x 20, ${megabytes(statSync(csv).size)}`)
  const python = (what, path) => [options.python, [join(root, 'bench/data_peer.py'), what, path]]
  const readings = takeTurns({
    Neuroloom: [options.node, [tables, 'read', csv]],
    pandas: python('pandas', csv),
    pyarrow: python('pyarrow', csv),
  })
  const mine = readings.get('Neuroloom')
  const allowed = TIMES * mine.typedBytes + ROOM
  print(`holds ${megabytes(mine.typedBytes)} of numbers and codes; ${megabytes(allowed)} and ${LONGEST} s are allowed`)
  let failed = 0
  const demand = (isMet, what) => {
    print(`${isMet ? 'met' : 'NOT MET'}: ${what}`)
    if (!isMet) failed = 1
  }
  demand(mine.peakBytes <= allowed && mine.seconds < LONGEST, 'memory and time')
  const isSame = ({ rows, sum }) => rows === mine.rows && Math.abs(sum - mine.sum) < 1e-6 * ROWS
  demand([...readings.values()].every(isSame) && mine.rows === ROWS, 'all read the same')

  print(`\nfolder of ${PICTURES} pictures of 28 x 28, 1 % of them broken`)
  // Makes it, and warms the disk's cache for everybody.
  ask(options.node, [pictures, folder, String(PICTURES)])
  const found = takeTurns({
    Neuroloom: [options.node, [pictures, folder, String(PICTURES)]],
    Pillow: python('pillow', join(folder, 'pictures')),
  }).get('Neuroloom')
  demand(found.isExact && found.left === PICTURES / 100, `exactly the ${found.left} broken ones are listed`)
  return failed
}

/** What each says of itself, with the medians of its seconds and its peak; who is not there is left out. */
function takeTurns(programs) {
  const answers = new Map()
  for (let round = 0; round < rounds; round++)
    for (const [name, [command, args]] of Object.entries(programs)) {
      const answer = JSON.parse(ask(command, args).trim().split('\n').at(-1))
      answers.set(name, [...(answers.get(name) ?? []), answer])
    }
  const results = new Map()
  for (const [name, all] of answers) {
    if (all[0].missing) print(`${name} is not here: ${all[0].missing}`)
    else {
      const of = (key) => median(all.map((answer) => answer[key]))
      results.set(name, { ...all[0], seconds: of('seconds'), peakBytes: of('peakBytes') })
    }
  }
  const { seconds: mine, peakBytes: peak } = results.get('Neuroloom')
  print(
    `${'program'.padEnd(18)}${'seconds'.padStart(9)}${'times ours'.padStart(12)}${'peak'.padStart(10)}${'times ours'.padStart(12)}`,
  )
  for (const [name, { seconds, peakBytes, version = '' }] of results) {
    const ratios = [(seconds / mine).toFixed(2).padStart(12), (peakBytes / peak).toFixed(2).padStart(12)]
    print(
      `${`${name} ${version}`.padEnd(18)}${seconds.toFixed(2).padStart(9)}${ratios[0]}${megabytes(peakBytes).padStart(10)}${ratios[1]}`,
    )
  }
  return results
}

function ask(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status !== 0)
    throw new SetupError(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().slice(-2000)}`)
  return stdout
}

/** Builds one of ours to a file that any Node can run. */
async function program(folder, name) {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    ssr: { target: 'node', noExternal: true },
    build: {
      ssr: `bench/${name}.ts`,
      outDir: join(folder, `program-${name}`),
      target: 'node20',
      minify: false,
      emptyOutDir: true,
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  return join(folder, `program-${name}`, `${name}.mjs`)
}
