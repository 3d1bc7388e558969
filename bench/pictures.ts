/**
 * Makes a folder of small pictures with one in a hundred broken, in ten ways, reads it as the program does, and says how long
 * that took, how much memory, and whether exactly the broken ones are listed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { readParams } from '../src/base/params.ts'
import { Rng } from '../src/base/rng.ts'
import { crc32 } from '../src/data/formats/sums.ts'
import reader from '../src/data/readers/pictures.ts'
import { openDataFiles } from '../src/node/data-file.ts'

const [folder = '', count = '50000', sample] = process.argv.slice(2)
const CLASSES = 10
const SIDE = 28
const print = (line: string) => process.stdout.write(`${line}\n`)

function chunk(type: string, data: Uint8Array): Buffer {
  const all = Buffer.alloc(12 + data.length)
  all.writeUInt32BE(data.length, 0)
  all.write(type, 4, 'latin1')
  all.set(data, 8)
  all.writeUInt32BE(crc32(all, 4, 8 + data.length), 8 + data.length)
  return all
}

/** A bright stroke on black, grey or in colour. */
function png(n: number): Buffer {
  const rng = new Rng(1, 'picture', n)
  const channels = n % 2 === 0 ? 1 : 3
  const stride = 1 + SIDE * channels
  const raw = new Uint8Array(SIDE * stride)
  let x = rng.uniform(4, SIDE - 4)
  for (let y = 3; y < SIDE - 3; y++, x += rng.uniform(-1.5, 1.5)) {
    for (let k = -1; k <= 1; k++) {
      const column = Math.min(SIDE - 1, Math.max(0, Math.round(x + k)))
      for (let c = 0; c < channels; c++) raw[y * stride + 1 + column * channels + c] = 255 - rng.integer(100)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE, 0)
  header.writeUInt32BE(SIDE, 4)
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', new Uint8Array()),
  ])
}

const breaks: readonly ((bytes: Buffer) => Buffer)[] = [
  () => Buffer.alloc(0),
  (bytes) => bytes.subarray(0, bytes.length >> 1),
  (bytes) => bytes.subarray(0, -12),
  (bytes) => Buffer.concat([bytes.subarray(0, 60), Buffer.from([bytes[60] === 7 ? 8 : 7]), bytes.subarray(61)]),
  (bytes) => Buffer.concat([bytes.subarray(0, 19), Buffer.from([1]), bytes.subarray(20)]),
  () => Buffer.from('<!DOCTYPE html><html><title>503 Service Unavailable</title></html>'),
  () => Buffer.from('GIF89a not read here'),
  (bytes) => Buffer.alloc(bytes.length),
  () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]),
  (bytes) => Buffer.concat([bytes.subarray(0, 33), chunk('QUAX', new Uint8Array(3)), bytes.subarray(33)]),
]

const total = Number(count)
const broken = new Set<string>()
const root = join(folder, 'pictures')
// One that an earlier round made serves again.
const isMade = existsSync(root)
for (let c = 0; c < CLASSES; c++) mkdirSync(join(root, `class ${c}`), { recursive: true })
for (let i = 0; i < total; i++) {
  const name = `class ${i % CLASSES}/${i}.png`
  const isBroken = i % 100 === 37
  if (isBroken) broken.add(`pictures/${name}`)
  if (isMade) continue
  // Real pictures where there are any: files in a folder, of which each is written again and again.
  const bytes = sample ? readFileSync(join(sample, String(i % 20))) : png(i)
  writeFileSync(
    join(root, name),
    isBroken ? (breaks[Math.floor(i / 100) % breaks.length] as (b: Buffer) => Buffer)(bytes) : bytes,
  )
}

let longest = 0
let last = performance.now()
const job = {
  pause: () => {
    longest = Math.max(longest, performance.now() - last)
    return new Promise<void>((done) => setImmediate(done)).then(() => void (last = performance.now()))
  },
  progress: () => undefined,
}
const before = process.resourceUsage().maxRSS
const cpu = process.cpuUsage()
const start = performance.now()
const files = await openDataFiles(root)
const walked = performance.now()
last = walked
const { data, bad, facts, warnings } = await reader.read(files, readParams(reader.options, {}, 'Pictures').values, job)
const seconds = (performance.now() - walked) / 1000
const { user, system } = process.cpuUsage(cpu)
const listed = bad.problems.map(({ place }) => place?.file ?? '')
const isExact = listed.length === broken.size && listed.every((name) => broken.has(name))
if ('columns' in data) throw new Error('expected examples')
for (const { label, value } of facts) print(`${label}: ${value}`)
for (const { message } of warnings) print(message)
print(
  `walk ${((walked - start) / 1000).toFixed(1)} s, read ${seconds.toFixed(1)} s (${((1e3 * seconds) / total).toFixed(3)} ms each; processor ${((user + system) / 1e6).toFixed(1)} s)`,
)
print(
  `memory: ${(before / 1e3).toFixed(0)} MB before, ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB at most; examples ${(data.features.length / 1e6).toFixed(0)} MB`,
)
print(`longest without a pause: ${longest.toFixed(0)} ms`)
print(`${data.count} taken, ${bad.skipped} left out: ${isExact ? 'exactly the broken ones' : 'NOT the broken ones'}`)
print(
  JSON.stringify({
    seconds: seconds + (walked - start) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    typedBytes: data.features.byteLength,
    taken: data.count,
    left: bad.skipped,
    isExact,
  }),
)
if (!isExact) process.exitCode = 1
