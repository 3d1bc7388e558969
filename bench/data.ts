/**
 * A large table: `make FILE ROWS` writes it from a seed, `read FILE` reads it as the program does and says in JSON how long that
 * took, how much memory, and how much of that the table itself is.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { readParams } from '../src/base/params.ts'
import { Rng } from '../src/base/rng.ts'
import { unwatched } from '../src/data/files.ts'
import reader from '../src/data/readers/csv.ts'
import { wholeOf } from '../src/data/table/stored.ts'
import { openDataFiles } from '../src/node/data-file.ts'

const [task, path = '', rows = '1000000'] = process.argv.slice(2)
const DECIMALS = 16
const cities = ['Rome', 'Oslo', 'Lima', 'Cairo', 'Quito', 'Delhi', 'Paris', 'Accra']
const labels = ['a', 'b', 'c']

/** Sixteen columns of decimals, two of whole numbers, two of texts. */
function make(count: number): void {
  const rng = new Rng(1, 'a large table')
  const file = openSync(path, 'w')
  const names = [...Array.from({ length: DECIMALS }, (_, i) => `x${i}`), 'n1', 'n2', 'city', 'label']
  let lines = `${names.join(',')}\n`
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < DECIMALS; i++) lines += `${rng.normal().toFixed(6)},`
    lines += `${rng.integer(1_000_000)},${rng.integer(100_000)},`
    lines += `${cities[rng.integer(cities.length)]},${labels[rng.integer(labels.length)]}\n`
    if (lines.length > 1 << 20) {
      writeSync(file, lines)
      lines = ''
    }
  }
  writeSync(file, lines)
  closeSync(file)
}

async function read() {
  const start = performance.now()
  const files = await openDataFiles(path)
  const { data } = await reader.read(files, readParams(reader.options, {}, reader.title).values, unwatched)
  const seconds = (performance.now() - start) / 1000
  if (!('columns' in data)) throw new Error('expected a table')
  const typedBytes = data.columns.reduce((sum, column) => {
    if (column.kind === 'numbers') return sum + wholeOf(column.values).byteLength
    return sum + wholeOf(column.codes).byteLength + column.texts.reduce((letters, text) => letters + text.length, 0)
  }, 0)
  // A sum that any other reader must find as well.
  const [first] = data.columns
  const sum = first?.kind === 'numbers' ? wholeOf(first.values).reduce((all, value) => all + value, 0) : NaN
  return { seconds, peakBytes: process.resourceUsage().maxRSS * 1024, typedBytes, rows: data.rows, sum }
}

if (task === 'make') make(Number(rows))
else process.stdout.write(`${JSON.stringify(await read())}\n`)
