/**
 * Records in JSON: an object on each line (JSON Lines, NDJSON), or one list of objects. Read record by record, whatever
 * the size of the file. A field is a column; objects in objects become columns a.b, lists of numbers a.0, a.1 …, and lists of
 * texts a column for each text, as labels have in other tables. Several files are
 * one table, all with the same fields.
 */
import { choice } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { isList, recordsOf } from '../formats/json-records.ts'
import { JsonTable } from '../formats/json-table.ts'
import { Pace } from '../formats/pace.ts'
import { counted, refuse } from '../formats/refuse.ts'
import { MAX_BAD } from '../limits.ts'
import { some } from '../pictures/folder.ts'
import { alike, areTable, callTable, fileFacts, inParts, sizeFacts, tableFiles } from '../table/files.ts'
import { refuseBombs, tableLimit } from '../table/limit.ts'
import { clip } from '../table/records.ts'
import { defineReader, type DataFile } from '../types.ts'

const extensions = ['.jsonl', '.ndjson', '.json']
const kind = {
  byName(name: string) {
    const bare = name.toLowerCase().replace(/\.gz$/, '')
    return extensions.some((extension) => bare.endsWith(extension))
  },
  byHead({ head }: DataFile) {
    const start = new TextDecoder('latin1').decode(head.subarray(0, 64)).replace(/^ï»¿/, '')
    return /^\s*(?:\[\s*)?\{\s*(?:"|\})/.test(start)
  },
}

/** Problems that are told before they are only counted. */
const TOLD = 3

export default defineReader({
  type: 'jsonl',
  title: 'Records (JSON Lines)',
  doc: 'An object on each line, or one list of objects; their fields are the columns of a table, in one file or in several. Objects in objects become columns a.b, lists of equally many numbers a.0, a.1 and so on; lists of texts become a column for each text, with 1 where the list holds it and 0 where it does not.',
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
    if (!file || others.length > 0) return areTable(files, kind)
    return kind.byName(file.name) || kind.byHead(file)
  },
  async read(given, { bad }, job) {
    const { files, warnings } = tableFiles(given, kind)
    await refuseBombs(files, job)
    const table = new JsonTable(callTable(files), files.some(isList) ? 'row' : 'line', {
      limit: await tableLimit(job, files),
      store: job.store,
      expected: job.expected,
    })
    const pace = new Pace(
      table.settling(job),
      files.reduce((sum, { length, size }) => sum + (length ?? size), 0),
    )
    const counts: number[] = []
    const listed: Problem[] = []
    let skipped = 0
    for (const file of files) {
      const { problems, wrong } = await readRecords(file, table, bad, pace)
      counts.push(table.end())
      skipped += wrong
      listed.push(...problems.slice(0, MAX_BAD - listed.length))
    }
    const data = inParts(await table.finish(), files, counts)
    const lists = table.lists.map(
      ({ field, texts }) => `${clip(field)} has ${counted(texts.length, 'text')}: ${some(texts)}`,
    )
    const facts = [
      ...fileFacts(files, counts),
      ...sizeFacts(data),
      { label: 'Format', value: alike(files.map((file) => (isList(file) ? 'JSON, a list of objects' : 'JSON Lines'))) },
    ]
    if (lists.length > 0) facts.push({ label: 'Lists', value: some(lists) })
    if (files.some(({ length }) => length === undefined)) facts.push({ label: 'Compression', value: 'gzip' })
    return {
      data,
      facts,
      bad: { skipped, repaired: 0, problems: listed },
      warnings: [...warnings, ...table.warnings],
    }
  },
})

/** Adds the records of a file to the table; those that are none. */
async function readRecords(
  file: DataFile,
  table: JsonTable,
  bad: 'refuse' | 'skip',
  pace: Pace,
): Promise<{ readonly problems: readonly Problem[]; readonly wrong: number }> {
  const place = { file: file.name }
  const [first, second] = file.head
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw refuse('json.encoding', `${file.name} is encoded as UTF-16; save it as UTF-8.`, { ...place, byte: 0 })
  }
  const before = table.rows
  table.begin(file.name)
  const problems: Problem[] = []
  let wrong = 0
  for await (const record of recordsOf(file)) {
    const found = record.problem ?? table.add(record)
    if (found) {
      if (wrong === 0 && table.rows === before && !isList(file) && opensOnly(record.bytes)) {
        const message = `${file.name} is one JSON object over several lines; write the records as one list [ … ], or an object on each line.`
        throw refuse('json.oneObject', message, { ...place, line: record.line })
      }
      wrong++
      if (problems.length < (bad === 'skip' ? MAX_BAD : TOLD)) problems.push(found)
    }
    if (pace.did(record.bytes.length)) await pace.rest()
  }
  const isEmpty = table.rows === before
  if (wrong > 0 && (bad === 'refuse' || isEmpty)) throw refusal(file.name, problems.slice(0, TOLD), wrong)
  if (isEmpty) {
    throw refuse('json.empty', `${file.name} holds no records; choose a file with an object on each line.`, place)
  }
  return { problems, wrong }
}

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
