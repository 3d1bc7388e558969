/**
 * What the arguments of each call must look like before anything is done with them: one row a call, for those that come
 * from a window, which may be under somebody else's control. Shapes and sizes only; whether a document makes sense is for
 * the rooms that know documents.
 */
import type { ArgumentsOf, CallName, DeviceChoice, EngineCalls, Part, PlatformCalls } from './messages.ts'
import type { Check } from './rpc.ts'

type Checks<C> = { readonly [N in CallName<C>]: Check }
type Field = (value: unknown) => string | null

const MAX_DOCUMENT = 64 * 1024 * 1024
const MAX_TITLE = 10_000
/** Numbers of one example, and cells of one row. */
const MAX_VALUES = 200_000
const MAX_CELL = 10_000
/** Files that are given at once; how many a set or a document may have is said where they are read. */
const MAX_FILES = 1000
/** Bytes of a file or a sound that is tried, with room for the rest of a frame (`MAX_FRAME`). */
export const MAX_OWN_BYTES = 16_000_000
const parts: readonly Part[] = ['train', 'validation']
export const devices: readonly DeviceChoice[] = ['auto', 'cpu', 'webgpu', 'reference']

export const engineChecks: Checks<EngineCalls> = {
  'engine.info': fields<ArgumentsOf<EngineCalls, 'engine.info'>>({}),
  'engine.devices': fields<ArgumentsOf<EngineCalls, 'engine.devices'>>({}),
  'data.open': fields<ArgumentsOf<EngineCalls, 'data.open'>>({
    handles: list(text(200), MAX_FILES),
    options: orNull(record),
  }),
  'data.read': fields<ArgumentsOf<EngineCalls, 'data.read'>>({ source: record }),
  'data.generated': fields<ArgumentsOf<EngineCalls, 'data.generated'>>({
    generator: text(100),
    params: record,
    seed: finite,
  }),
  'data.samples': fields<ArgumentsOf<EngineCalls, 'data.samples'>>({ data: record, rows: list(index, 100) }),
  'data.preview': fields<ArgumentsOf<EngineCalls, 'data.preview'>>({ data: record }),
  'data.varied': fields<ArgumentsOf<EngineCalls, 'data.varied'>>({ data: record }),
  'run.start': fields<ArgumentsOf<EngineCalls, 'run.start'>>({ document: record, device: oneOf(devices) }),
  'run.prepare': fields<ArgumentsOf<EngineCalls, 'run.prepare'>>({ document: record, device: oneOf(devices) }),
  'network.estimate': fields<ArgumentsOf<EngineCalls, 'network.estimate'>>({
    document: record,
    device: oneOf(devices),
  }),
  'run.pause': fields<ArgumentsOf<EngineCalls, 'run.pause'>>({}),
  'run.resume': fields<ArgumentsOf<EngineCalls, 'run.resume'>>({}),
  'run.step': fields<ArgumentsOf<EngineCalls, 'run.step'>>({}),
  'run.stop': fields<ArgumentsOf<EngineCalls, 'run.stop'>>({}),
  'run.setLive': fields<ArgumentsOf<EngineCalls, 'run.setLive'>>({ name: text(100), value: finite }),
  'run.evaluate': fields<ArgumentsOf<EngineCalls, 'run.evaluate'>>({ part: oneOf(parts) }),
  'run.samples': fields<ArgumentsOf<EngineCalls, 'run.samples'>>({
    part: oneOf(parts),
    choice: variant({
      indices: { indices: list(index, 100) },
      cell: { truth: index, predicted: index, skip: index },
      labelCell: { label: index, truth: index, predicted: index, skip: index },
    }),
  }),
  'run.predict': fields<ArgumentsOf<EngineCalls, 'run.predict'>>({
    example: variant({
      row: { cells: texts },
      values: { values: list(finite, MAX_VALUES) },
      drawing: { width: index, height: index, ink: bytes(MAX_VALUES) },
      file: { file: text(255), bytes: bytes(MAX_OWN_BYTES) },
      sound: { samples: floats(MAX_OWN_BYTES / 4), rate: index },
      again: { id: text(200) },
    }),
  }),
  'predict.begin': fields<ArgumentsOf<EngineCalls, 'predict.begin'>>({ handles: list(text(200), MAX_FILES) }),
  'predict.next': fields<ArgumentsOf<EngineCalls, 'predict.next'>>({ id: index }),
  'predict.end': fields<ArgumentsOf<EngineCalls, 'predict.end'>>({ id: index }),
  'run.current': fields<ArgumentsOf<EngineCalls, 'run.current'>>({}),
}

export const platformChecks: Checks<PlatformCalls> = {
  'draft.load': fields<ArgumentsOf<PlatformCalls, 'draft.load'>>({}),
  'draft.save': fields<ArgumentsOf<PlatformCalls, 'draft.save'>>({ text: text(MAX_DOCUMENT) }),
  'library.load': fields<ArgumentsOf<PlatformCalls, 'library.load'>>({}),
  'library.save': fields<ArgumentsOf<PlatformCalls, 'library.save'>>({
    title: text(MAX_TITLE),
    text: orNull(text(MAX_DOCUMENT)),
    before: orNull(text(200)),
  }),
  'engine.restart': fields<ArgumentsOf<PlatformCalls, 'engine.restart'>>({}),
  'document.open': fields<ArgumentsOf<PlatformCalls, 'document.open'>>({}),
  'document.save': fields<ArgumentsOf<PlatformCalls, 'document.save'>>({
    handle: orNull(text(200)),
    name: text(255),
    text: text(MAX_DOCUMENT),
  }),
  'table.write': fields<ArgumentsOf<PlatformCalls, 'table.write'>>({
    handle: orNull(text(200)),
    name: text(255),
    text: text(MAX_DOCUMENT),
    last: flag,
  }),
  'files.pickFolder': fields<ArgumentsOf<PlatformCalls, 'files.pickFolder'>>({}),
  'files.accept': fields<ArgumentsOf<PlatformCalls, 'files.accept'>>({ paths: list(text(32_768), MAX_FILES) }),
  'files.pick': fields<ArgumentsOf<PlatformCalls, 'files.pick'>>({ extensions: list(extension, 50) }),
}

/** Exactly these fields, no more and no fewer. */
function fields<A>(specs: { readonly [K in keyof A]-?: Field }): Check {
  const rows = Object.entries<Field>(specs)
  return (args) => {
    const wrong = record(args)
    if (wrong) return `the arguments ${wrong}.`
    const given = args as { readonly [name: string]: unknown }
    const stray = Object.keys(given).find((name) => !Object.hasOwn(specs, name))
    if (stray !== undefined) return `it takes no argument "${stray.slice(0, 40)}".`
    for (const [name, check] of rows) {
      const why = Object.hasOwn(given, name) ? check(given[name]) : 'must be there'
      if (why) return `the argument "${name}" ${why}.`
    }
    return null
  }
}

function record(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return 'must be an object'
  return null
}
function text(most: number): Field {
  return (value) => {
    if (typeof value !== 'string') return 'must be a text'
    return value.length > most ? `must have at most ${most} characters, not ${value.length}` : null
  }
}
function list(item: Field, most: number): Field {
  return (value) => {
    if (!Array.isArray(value)) return 'must be a list'
    if (value.length > most) return `must have at most ${most} entries, not ${value.length}`
    for (const entry of value as readonly unknown[]) {
      const why = item(entry)
      if (why) return `has an entry that ${why}`
    }
    return null
  }
}
function orNull(field: Field): Field {
  return (value) => (value === null ? null : field(value))
}
function oneOf(options: readonly string[]): Field {
  return (value) =>
    typeof value === 'string' && options.includes(value) ? null : `must be one of ${options.join(', ')}`
}
function finite(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? null : 'must be a number'
}
function flag(value: unknown): string | null {
  return typeof value === 'boolean' ? null : 'must be true or false'
}
function index(value: unknown): string | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? null
    : 'must be a whole number from 0 on'
}
/** Texts by name. */
function texts(value: unknown): string | null {
  const wrong = record(value)
  if (wrong) return wrong
  const cells = Object.values(value as object)
  if (cells.length > MAX_VALUES) return `must have at most ${MAX_VALUES} entries, not ${cells.length}`
  const why = cells.map(text(MAX_CELL)).find((one) => one !== null)
  return why === undefined ? null : `has an entry that ${why}`
}
function bytes(most: number): Field {
  return (value) => {
    if (!(value instanceof Uint8Array)) return 'must be bytes'
    return value.length > most ? `must have at most ${most} bytes, not ${value.length}` : null
  }
}
function floats(most: number): Field {
  return (value) => {
    if (!(value instanceof Float32Array)) return 'must be a list of 32-bit numbers'
    return value.length > most ? `must have at most ${most} numbers, not ${value.length}` : null
  }
}
/** An object whose `kind` says which fields it has beside it: exactly these. */
function variant(kinds: { readonly [kind: string]: { readonly [name: string]: Field } }): Field {
  return (value) => {
    const wrong = record(value)
    if (wrong) return wrong
    const { kind, ...rest } = value as { readonly [name: string]: unknown }
    const specs = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    if (!specs) return `must have a kind, which is one of ${Object.keys(kinds).join(', ')}`
    const why = fields(specs)(rest)
    return why === null ? null : `is wrong: ${why.replace(/\.$/, '')}`
  }
}
/** The ending of a file name; it goes into a dialog's filter. */
function extension(value: unknown): string | null {
  return typeof value === 'string' && /^[.-][a-z0-9][a-z0-9.-]{0,29}$/i.test(value)
    ? null
    : 'must be an ending like .csv'
}
