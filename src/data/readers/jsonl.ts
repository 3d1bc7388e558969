/**
 * Records in JSON: an object on each line (JSON Lines, NDJSON), or one list of objects. Read record by record, whatever
 * the size of the file. A field is a column; objects in objects become columns a.b, lists of numbers a.0, a.1 ….
 */
import { choice } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { isList, recordsOf } from '../formats/json-records.ts'
import { JsonTable } from '../formats/json-table.ts'
import { Pace } from '../formats/pace.ts'
import { refuse } from '../formats/refuse.ts'
import { MAX_BAD } from '../limits.ts'
import { defineReader, NO_BAD } from '../types.ts'

const extensions = ['.jsonl', '.ndjson', '.json']

/** Problems that are told before they are only counted. */
const TOLD = 3

export default defineReader({
  type: 'jsonl',
  title: 'Records (JSON Lines)',
  doc: 'An object on each line, or one list of objects; their fields are the columns of a table. Objects in objects become columns a.b, and lists of equally many numbers a.0, a.1 and so on.',
  extensions,
  options: {
    bad: choice({
      label: 'Bad records',
      doc: 'What to do with a record that cannot be read.',
      default: 'refuse',
      options: { refuse: 'Refuse the file', skip: 'Leave them out' },
    }),
  },
  accepts(files) {
    const [file, ...others] = files
    if (!file || others.length > 0) return false
    const name = file.name.toLowerCase().replace(/\.gz$/, '')
    if (extensions.some((extension) => name.endsWith(extension))) return true
    const start = new TextDecoder('latin1').decode(file.head.subarray(0, 64)).replace(/^ï»¿/, '')
    return /^\s*(?:\[\s*)?\{\s*(?:"|\})/.test(start)
  },
  async read(files, { bad }, job) {
    const [file, ...others] = files
    if (!file || others.length > 0) {
      throw refuse('json.files', `Records are one file, but ${files.length} were given; choose one.`, {})
    }
    const place = { file: file.name }
    const [first, second] = file.head
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw refuse('json.encoding', `${file.name} is encoded as UTF-16; save it as UTF-8.`, { ...place, byte: 0 })
    }
    const table = new JsonTable(file.name, isList(file) ? 'row' : 'line')
    const problems: Problem[] = []
    let wrong = 0
    const pace = new Pace(job, file.length ?? file.size)
    for await (const record of recordsOf(file)) {
      const found = record.problem ?? table.add(record)
      if (found) {
        if (wrong === 0 && table.rows === 0 && !isList(file) && opensOnly(record.bytes)) {
          const message = `${file.name} is one JSON object over several lines; write the records as one list [ … ], or an object on each line.`
          throw refuse('json.oneObject', message, { ...place, line: record.line })
        }
        wrong++
        if (problems.length < (bad === 'skip' ? MAX_BAD : TOLD)) problems.push(found)
      }
      if (pace.did(record.bytes.length)) await pace.rest()
    }
    if (wrong > 0 && (bad === 'refuse' || table.rows === 0)) throw refusal(file.name, problems.slice(0, TOLD), wrong)
    if (table.rows === 0) {
      throw refuse('json.empty', `${file.name} holds no records; choose a file with an object on each line.`, place)
    }
    const facts = [{ label: 'Format', value: isList(file) ? 'JSON, a list of objects' : 'JSON Lines' }]
    if (file.length === undefined) facts.push({ label: 'Compression', value: 'gzip' })
    const left = wrong > 0 ? { skipped: wrong, repaired: 0, problems } : NO_BAD
    const { warnings } = table
    return { data: table.finish(), facts, bad: left, warnings }
  },
})

/** A line that opens an object and no more. */
function opensOnly(bytes: Uint8Array): boolean {
  return bytes.length < 100 && /^\s*\{\s*$/.test(new TextDecoder('latin1').decode(bytes))
}

function refusal(file: string, told: readonly Problem[], wrong: number): ProblemError {
  const more = wrong - told.length
  const what =
    more > 0
      ? `${more} more ${more === 1 ? 'record' : 'records'} cannot be read; correct them`
      : `correct ${wrong === 1 ? 'this record' : 'these records'}`
  const message = `${file}: ${what}, or choose to leave bad records out.`
  return new ProblemError(...told, problem('json.more', message, { file }))
}
