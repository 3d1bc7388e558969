/** What was open comes back as it was; what can't be read is told of and kept. */
import { expect, test } from 'vitest'
import { examples } from '../../renderer/state/library.ts'
import { formatSession, parseSession, type Session, type Tab } from '../../renderer/state/session.ts'
import { formatDocument } from '../../src/document/file.ts'

const document = (id: string) => {
  const found = examples.find((example) => example.id === id)
  if (!found) throw new Error(`There is no example ${id}.`)
  return found.document
}
const tab = (id: string, more: Partial<Tab> = {}): Tab => ({
  document: document(id),
  fileName: null,
  saved: false,
  path: [],
  unfolded: [],
  folded: [],
  viewports: new Map(),
  ...more,
})
const session: Session = {
  tabs: [
    tab('iris', { fileName: 'iris.json', saved: true }),
    tab('inception', {
      path: ['a'],
      unfolded: ['a', 'a/b'],
      folded: ['c'],
      viewports: new Map([
        ['', { x: 1, y: -2.5, zoom: 0.75 }],
        ['a', { x: 0, y: 0, zoom: 2 }],
      ]),
    }),
  ],
  active: 1,
  unread: [],
}

test('there and back again', () => {
  expect(parseSession(formatSession(session))).toEqual({ session, problems: [] })
})

test('a draft of an earlier version is one tab that is in no file', () => {
  const parsed = parseSession(formatDocument(document('xor')))
  expect(parsed).toEqual({ session: { tabs: [tab('xor')], active: 0, unread: [] }, problems: [] })
})

test('a tab that can’t be read is told of, and kept for who can', () => {
  const written = JSON.parse(formatSession(session)) as { tabs: { document: { version: number } }[] }
  const [first] = written.tabs
  if (first) first.document.version = 99
  const { session: read, problems } = parseSession(JSON.stringify(written))
  expect(read.tabs).toEqual([session.tabs[1]])
  expect(read.unread).toEqual([first])
  expect(problems.map(({ message }) => message).join(' ')).toMatch(/iris\.json.*newer.*kept/is)
  // It is kept on and on, and comes back once it can be read.
  expect(parseSession(formatSession(read)).session.unread).toEqual([first])
  if (first) first.document.version = document('iris').version
  const readable = parseSession(formatSession({ ...read, unread: [first] })).session
  expect(readable.tabs).toEqual([session.tabs[1], session.tabs[0]])
  expect(readable.unread).toEqual([])
})

test('fields that make no sense are as if they were not there', () => {
  const odd = {
    ...(JSON.parse(formatSession({ ...session, tabs: session.tabs.slice(0, 1) })) as object),
    active: 'first',
  }
  const [one] = (odd as unknown as { tabs: object[] }).tabs
  Object.assign(one ?? {}, {
    fileName: 7,
    saved: 'yes',
    path: [1, 'a'],
    unfolded: null,
    folded: 'c',
    viewports: { '': { x: 0, y: 0, zoom: 0 }, a: { x: 'left', y: 0, zoom: 1 }, b: { x: 0, y: 0, zoom: 1 } },
  })
  const { session: read, problems } = parseSession(JSON.stringify(odd))
  expect(problems).toEqual([])
  expect(read).toEqual({
    tabs: [tab('iris', { path: ['a'], viewports: new Map([['b', { x: 0, y: 0, zoom: 1 }]]) })],
    active: 0,
    unread: [],
  })
})

test.each(['', 'torn {', 'null', '[]', '{"format":"shopping"}'])('“%s” is no draft, and said so', (text) => {
  const { session: read, problems } = parseSession(text)
  expect(read).toEqual({ tabs: [], active: 0, unread: [] })
  expect(problems.length).toBeGreaterThan(0)
})
