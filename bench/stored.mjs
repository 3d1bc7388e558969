// Pictures and a table several times as large as what memory is to hold, looked at and trained on by the program as it ships, and a
// text that is looked at:
//   node bench/stored.mjs [--set pictures,table,text] [--megabytes 640] [--text 300] [--memory 64,2048] [--epochs 1]
// 0 epochs: not trained on.
// For each budget it says how long that took and how much memory the process had at most. Ends with 1 where that is more than the
// budget, the program alone, and SPARE, of a set that is larger than the budget.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild, main, root, SetupError } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    stored: { type: 'boolean' },
    set: { type: 'string', default: 'pictures,table,text' },
    megabytes: { type: 'string', default: '640' },
    text: { type: 'string', default: '300' },
    memory: { type: 'string', default: '64,2048' },
    epochs: { type: 'string', default: '1' },
  },
})

/** Megabytes for code, parts of the set that are on their way, and what the engine computes with. */
const SPARE = 400
const SIDE = 28
const CLASSES = 10

/** Columns of the table beside its class. */
const COLUMNS = 20

/**
 * @typedef {object} Made
 * @property {string} [net] the document that is trained
 * @property {readonly string[]} files
 */

/**
 * A stripe as high as its class, in noise.
 * @param {number} bytes
 * @param {string} folder
 * @returns {Made}
 */
function pictures(bytes, folder) {
  const [images, labels] = [join(folder, 'images-idx3-ubyte'), join(folder, 'labels-idx1-ubyte')]
  const count = Math.floor(bytes / (SIDE * SIDE))
  const header = (/** @type {number[]} */ dims) => {
    const bytes = Buffer.alloc(4 + 4 * dims.length)
    bytes.set([0, 0, 8, dims.length])
    dims.forEach((dim, i) => bytes.writeUInt32BE(dim, 4 + 4 * i))
    return bytes
  }
  const size = SIDE * SIDE
  const classes = Buffer.alloc(count)
  const file = openSync(images, 'w')
  writeSync(file, header([count, SIDE, SIDE]))
  let state = 1
  for (let from = 0; from < count; from += 4096) {
    const block = Buffer.alloc(Math.min(4096, count - from) * size)
    for (let i = 0; i * size < block.length; i++) {
      const own = (from + i) % CLASSES
      classes[from + i] = own
      for (let k = 0; k < size; k++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        const row = Math.floor(k / SIDE)
        block[i * size + k] = (state >>> 26) + (row >= 2 * own + 3 && row < 2 * own + 6 ? 150 : 0)
      }
    }
    writeSync(file, block)
  }
  closeSync(file)
  const own = openSync(labels, 'w')
  writeSync(own, Buffer.concat([header([count]), classes]))
  closeSync(own)
  return { net: join(root, 'models/examples/stroke-digits.json'), files: [images, labels] }
}

/**
 * A CSV file of decimals, the largest of the first three of which is the class, trained on by the network of the irises.
 * @param {number} bytes
 * @param {string} folder
 * @returns {Made}
 */
function table(bytes, folder) {
  const [path, net] = [join(folder, 'table.csv'), join(folder, 'table.json')]
  const names = Array.from({ length: COLUMNS }, (_, i) => `x${i + 1}`)
  const file = openSync(path, 'w')
  let written = writeSync(file, `${[...names, 'class'].join(',')}\n`)
  let state = 1
  while (written < bytes) {
    let lines = ''
    for (let row = 0; row < 4096; row++) {
      const cells = names.map(() => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        return state / 2 ** 32
      })
      const largest = Math.max(...cells.slice(0, 3))
      lines += `${cells.map((cell) => cell.toFixed(6)).join(',')},${'abc'[cells.indexOf(largest)]}\n`
    }
    written += writeSync(file, lines)
  }
  closeSync(file)
  const document = JSON.parse(readFileSync(join(root, 'models/examples/iris.json'), 'utf8'))
  const columns = [
    ...names.map((name) => ({ name, role: 'feature', kind: 'numeric' })),
    { name: 'class', role: 'target', kind: 'categorical', categories: ['a', 'b', 'c'] },
  ]
  const files = [{ name: 'table.csv', size: written, sha256: '0'.repeat(64) }]
  document.data.source = { kind: 'table', reader: 'csv', options: {}, files, columns }
  document.training.batchSize = 64
  writeFileSync(net, JSON.stringify(document))
  return { net, files: [path] }
}

/**
 * Words of two to nine letters, the first letters of the alphabet more often.
 * @param {number} bytes
 * @param {string} folder
 * @returns {Made}
 */
function text(bytes, folder) {
  const path = join(folder, 'text.txt')
  const file = openSync(path, 'w')
  let state = 1
  const next = (/** @type {number} */ most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
  for (let written = 0; written < bytes;) {
    const block = Buffer.alloc(Math.min(2 ** 20, bytes - written))
    for (let i = 0, left = next(8) + 2, words = 0; i < block.length; i++) {
      if (left-- > 0) block[i] = 97 + next(1 + next(26))
      else {
        block[i] = ++words % 10 === 0 ? 10 : 32
        left = next(8) + 2
      }
    }
    writeSync(file, block)
    written += block.length
  }
  closeSync(file)
  return { files: [path] }
}

const TELL = 'process.on("exit", () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))'

/**
 * @param {string} folder
 * @param {string[]} args
 */
function run(folder, args) {
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, join(root, 'out/node/cli-main.js'), ...args],
    { encoding: 'utf8', env: { ...process.env, NEUROLOOM_DATA: folder }, maxBuffer: 1 << 28 },
  )
  if (status !== 0) throw new SetupError(`${args.join(' ')}\n${stdout}${stderr}`)
  const [, peak = 'NaN'] = /^peak (\d+)$/m.exec(stderr) ?? []
  return { out: stdout, seconds: (performance.now() - began) / 1000, peak: Number(peak) / 1024 }
}

/**
 * @param {string} what
 * @param {Made} made
 * @param {{ folder: string, idle: number }} where
 */
function measure(what, { net, files }, { folder, idle }) {
  for (const memory of options.memory.split(',')) {
    const budget = ['--memory', memory]
    const looked = run(folder, ['data', ...files, ...budget, '--json'])
    const facts = JSON.parse(looked.out).facts.filter((/** @type {{ label: string }} */ one) => one.label === 'Kept')
    const kept = facts.map((/** @type {{ value: string }} */ { value }) => `Kept ${value}.`).join('')
    console.log(`\n${what}, held in memory: ${memory} MB. ${kept}`)
    const say = (/** @type {string} */ what, /** @type {{ seconds: number, peak: number }} */ { seconds, peak }) => {
      console.log(`  ${what}: ${seconds.toFixed(1)} s, ${peak.toFixed(0)} MB at most`)
      const most = Number(memory) + idle + SPARE
      if (kept === '' || peak <= most) return
      console.log(`  That is more than ${most.toFixed(0)} MB.`)
      process.exitCode = 1
    }
    say('data', looked)
    if (net !== undefined && Number(options.epochs) > 0) {
      const given = [...files.flatMap((file) => ['--data', file]), ...budget, '--epochs', options.epochs]
      const trained = run(folder, ['train', net, ...given])
      say('train', trained)
      console.log(trained.out.replace(/^/gm, '    ').trimEnd())
    }
    const left = existsSync(join(folder, 'scratch')) ? readdirSync(join(folder, 'scratch')).length : 0
    if (left > 0) throw new SetupError(`${left} files were left behind.`)
  }
}

const sets = { pictures, table, text }

await main(() => {
  ensureBuild(['node'], { quiet: true })
  const folder = mkdtempSync(join(tmpdir(), 'stored-'))
  try {
    const app = join(folder, 'app')
    const idle = run(app, ['blocks', '--json']).peak
    console.log(`${options.megabytes} MB, of text ${options.text} MB; the program alone takes ${idle.toFixed(0)} MB`)
    for (const [what, make] of Object.entries(sets)) {
      if (!options.set.split(',').includes(what)) continue
      const megabytes = what === 'text' ? options.text : options.megabytes
      measure(what, make(Number(megabytes) * 2 ** 20, folder), { folder: app, idle })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
