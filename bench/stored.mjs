// A set of pictures several times as large as what memory is to hold, looked at and trained on by the program as it ships:
//   node bench/stored.mjs [--megabytes 640] [--memory 64,2048] [--epochs 1]       0 epochs: not trained on
// For each budget it says how long that took and how much memory the process had at most. Ends with 1 where that is more than the
// budget, the program alone, and SPARE, of a set that is larger than the budget.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuild, main, root, SetupError } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    stored: { type: 'boolean' },
    megabytes: { type: 'string', default: '640' },
    memory: { type: 'string', default: '64,2048' },
    epochs: { type: 'string', default: '1' },
  },
})

/** Megabytes for code, parts of the set that are on their way, and what the engine computes with. */
const SPARE = 400
const SIDE = 28
const CLASSES = 10

/**
 * A stripe as high as its class, in noise.
 * @param {number} count
 * @param {string} images
 * @param {string} labels
 */
function makeSet(count, images, labels) {
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

await main(() => {
  ensureBuild(['node'], { quiet: true })
  const folder = mkdtempSync(join(tmpdir(), 'stored-'))
  try {
    const [images, labels] = [join(folder, 'images-idx3-ubyte'), join(folder, 'labels-idx1-ubyte')]
    const bytes = Number(options.megabytes) * 2 ** 20
    makeSet(Math.floor(bytes / (SIDE * SIDE)), images, labels)
    const app = join(folder, 'app')
    const idle = run(app, ['blocks', '--json']).peak
    console.log(`${options.megabytes} MB of pictures; the program alone takes ${idle.toFixed(0)} MB`)
    for (const memory of options.memory.split(',')) {
      const budget = ['--memory', memory]
      const looked = run(app, ['data', images, labels, ...budget, '--json'])
      const facts = JSON.parse(looked.out).facts.filter((/** @type {{ label: string }} */ one) => one.label === 'Kept')
      const kept = facts.map((/** @type {{ value: string }} */ { value }) => `Kept ${value}.`).join('')
      console.log(`\nheld in memory: ${memory} MB. ${kept}`)
      const say = (/** @type {string} */ what, /** @type {{ seconds: number, peak: number }} */ { seconds, peak }) => {
        console.log(`  ${what}: ${seconds.toFixed(1)} s, ${peak.toFixed(0)} MB at most`)
        const most = Number(memory) + idle + SPARE
        if (kept === '' || peak <= most) return
        console.log(`  That is more than ${most.toFixed(0)} MB.`)
        process.exitCode = 1
      }
      say('data', looked)
      if (Number(options.epochs) > 0) {
        const net = join(root, 'models/examples/stroke-digits.json')
        const given = ['--data', images, '--data', labels, ...budget, '--epochs', options.epochs]
        const trained = run(app, ['train', net, ...given])
        say('train', trained)
        console.log(trained.out.replace(/^/gm, '    ').trimEnd())
      }
      const left = existsSync(join(app, 'scratch')) ? readdirSync(join(app, 'scratch')).length : 0
      if (left > 0) throw new SetupError(`${left} files were left behind.`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
