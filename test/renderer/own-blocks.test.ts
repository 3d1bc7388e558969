import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import type { Inside } from '../../src/document/types.ts'
import { LIBRARY_CHANGED, type KeptBlock } from '../../src/protocol/messages.ts'
import { RpcError } from '../../src/protocol/rpc.ts'
import type { BlockTemplate } from '../../renderer/state/editor.svelte.ts'
import { readClip, writeClip } from '../../renderer/state/clipboard.ts'
import { Notices } from '../../renderer/state/notices.svelte.ts'
import { OwnBlocks, type Shelf } from '../../renderer/state/own-blocks.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** As src/node/library-store.ts does it; a version here is a number that goes up. */
class Machine {
  readonly blocks = new Map<string, KeptBlock>()
  readonly saves: string[] = []
  /** Thrown by each call while it is there. */
  trouble: Error | null = null
  /** Answered to each save while it is there. */
  refusal: { readonly ok: false; readonly problems: ReturnType<typeof fail>['problems'] } | null = null
  /** Saves wait for it. */
  held: Promise<void> | null = null
  #version = 0

  put(title: string, text: string): void {
    this.blocks.set(title, { title, text, version: String(++this.#version) })
  }
  loadLibrary = async (): Promise<readonly KeptBlock[]> => {
    if (this.trouble) throw this.trouble
    return [...this.blocks.values()]
  }
  saveLibrary = async (
    title: string,
    text: string | null,
    before: string | null,
  ): Promise<Result<{ readonly version: string | null }>> => {
    await this.held
    if (this.trouble) throw this.trouble
    if (this.refusal) return this.refusal
    const now = this.blocks.get(title)
    if (now?.text === (text ?? undefined)) return ok({ version: now?.version ?? null })
    if ((now?.version ?? null) !== before) return fail(problem(LIBRARY_CHANGED, 'It was changed.'))
    this.saves.push(title)
    if (text === null) this.blocks.delete(title)
    else this.put(title, text)
    return ok({ version: this.blocks.get(title)?.version ?? null })
  }
}

class FakeShelf implements Shelf {
  readonly items = new Map<string, string>()
  full = false
  get length() {
    return this.items.size
  }
  key(index: number) {
    return [...this.items.keys()][index] ?? null
  }
  getItem(key: string) {
    return this.items.get(key) ?? null
  }
  setItem(key: string, value: string) {
    if (this.full) throw new Error('QuotaExceededError')
    this.items.set(key, value)
  }
  removeItem(key: string) {
    this.items.delete(key)
  }
  waiting() {
    return [...this.items.keys()].filter((key) => key.startsWith('neuroloom.waiting.')).length
  }
}

const inside: Inside = {
  title: 'Mine',
  blocks: { a: { type: 'relu', name: 'a', position: { x: 0, y: 0 }, params: {} } },
  wires: {},
  inputs: { x: [{ block: 'a', port: 'x' }] },
  outputs: { y: { block: 'a', port: 'y' } },
}
const block = (title: string, name = 'mine'): BlockTemplate => ({
  type: 'composite',
  name,
  params: {},
  inside: { ...inside, title },
})
const textOf = (template: BlockTemplate) =>
  writeClip({ blocks: { own: { ...template, position: { x: 0, y: 0 } } }, wires: {} })

const shown = (own: OwnBlocks) => own.list.map(({ name, inside }) => `${inside?.title}: ${name}`)
const onDisk = (machine: Machine) =>
  [...machine.blocks.values()].map(({ title, text }) => {
    const [node] = Object.values(readClip(text)?.graph.blocks ?? {})
    return `${title}: ${node?.name}`
  })

function window(machine: Machine, shelf: FakeShelf | undefined = new FakeShelf()) {
  const notices = new Notices()
  return { own: new OwnBlocks(machine, notices, shelf), notices, shelf: shelf ?? new FakeShelf() }
}
const said = (notices: Notices) => notices.list.map(({ message }) => message).join(' ')

test('a kept block is on the machine and comes back in a browser that has never seen it', async () => {
  const machine = new Machine()
  const { own, shelf } = window(machine)
  await own.keep(block('Mine'))
  await own.keep(block('Mine', 'newer'))
  await own.keep(block('Other'))
  expect(shelf.waiting()).toBe(0)
  const next = window(machine)
  expect(next.own.list).toEqual([])
  await next.own.sync()
  expect(next.own.list).toEqual([block('Mine', 'newer'), block('Other')])
  expect(next.own.has('Mine')).toBe(true)
  await next.own.remove('Mine')
  expect(shown(next.own)).toEqual(['Other: mine'])
  expect(onDisk(machine)).toEqual(['Other: mine'])
})

test('what the machine said last is shown before it answers, and then what it says now', async () => {
  const machine = new Machine()
  const shelf = new FakeShelf()
  await window(machine, shelf).own.keep(block('Mine'))
  await window(machine).own.keep(block('Other'))
  const { own } = window(machine, shelf)
  expect(shown(own)).toEqual(['Mine: mine'])
  const [template] = own.list
  await own.sync()
  expect(shown(own)).toEqual(['Mine: mine', 'Other: mine'])
  // The same object: what the palette made of it stays.
  expect(own.list[0]).toBe(template)
  machine.blocks.delete('Mine')
  const later = window(machine, shelf)
  await later.own.sync()
  expect(shown(later.own)).toEqual(['Other: mine'])
})

test('what the browser alone kept is taken over once', async () => {
  const machine = new Machine()
  const shelf = new FakeShelf()
  shelf.setItem('neuroloom.blocks', JSON.stringify([textOf(block('Mine')), textOf(block('Other'))]))
  const { own, notices } = window(machine, shelf)
  expect(shown(own)).toEqual(['Mine: mine', 'Other: mine'])
  expect([shelf.getItem('neuroloom.blocks'), shelf.waiting()]).toEqual([null, 2])
  await own.sync()
  expect(onDisk(machine)).toEqual(['Mine: mine', 'Other: mine'])
  expect([shelf.waiting(), notices.list]).toEqual([0, []])
  await own.remove('Mine')
  const next = window(machine, shelf)
  await next.own.sync()
  expect(onDisk(machine)).toEqual(['Other: mine'])
})

test('of a window that was closed before the machine answered the next one takes over what waits', async () => {
  const machine = new Machine()
  const shelf = new FakeShelf()
  await window(machine, shelf).own.keep(block('Gone'))
  machine.trouble = new RpcError('The host cannot be reached.', 'rpc.closed')
  shelf.setItem('neuroloom.blocks', JSON.stringify([textOf(block('Old'))]))
  const closed = window(machine, shelf)
  await closed.own.keep(block('Mine'))
  await closed.own.remove('Gone')
  expect(closed.notices.list).toEqual([])
  vi.clearAllTimers()
  machine.trouble = null
  const { own } = window(machine, shelf)
  expect(shown(own)).toEqual(['Mine: mine', 'Old: mine'])
  await own.sync()
  expect(onDisk(machine).sort()).toEqual(['Mine: mine', 'Old: mine'])
  expect(shelf.waiting()).toBe(0)
})

test('an old block whose title is taken by another gets a title of its own', async () => {
  const machine = new Machine()
  await window(machine).own.keep(block('Mine', 'of today'))
  await window(machine).own.keep(block('Same'))
  const shelf = new FakeShelf()
  shelf.setItem('neuroloom.blocks', JSON.stringify([textOf(block('Mine', 'of old')), textOf(block('Same'))]))
  const { own, notices } = window(machine, shelf)
  await own.sync()
  expect(shown(own)).toEqual(['Mine: of today', 'Mine 2: of old', 'Same: mine'])
  expect(onDisk(machine).sort()).toEqual(['Mine 2: of old', 'Mine: of today', 'Same: mine'])
  expect(said(notices)).toBe('There is another “Mine” in the palette already; this one is now “Mine 2”.')
})

test.each([
  ['{ torn', []],
  ['{"format": "other"}', []],
  ['null', []],
  [JSON.stringify([textOf(block('Mine')).slice(0, 40), textOf(block('Other')), 7]), ['Other: mine']],
])('of an old list %s what can’t be read is kept aside and said, the rest taken over', async (text, expected) => {
  const machine = new Machine()
  const shelf = new FakeShelf()
  shelf.setItem('neuroloom.blocks', text)
  const { own, notices } = window(machine, shelf)
  expect(said(notices)).toContain('neuroloom.blocks.unreadable')
  expect(JSON.parse(shelf.getItem('neuroloom.blocks.unreadable') ?? '')).toEqual([text])
  expect(shelf.getItem('neuroloom.blocks')).toBeNull()
  await own.sync()
  expect(onDisk(machine)).toEqual(expected)
})

test('a browser that takes nothing more keeps its old list until it does', async () => {
  const machine = new Machine()
  const shelf = new FakeShelf()
  shelf.setItem('neuroloom.blocks', JSON.stringify([textOf(block('Mine'))]))
  shelf.full = true
  const { own } = window(machine, shelf)
  expect(shelf.getItem('neuroloom.blocks')).not.toBeNull()
  await own.sync()
  expect(onDisk(machine)).toEqual(['Mine: mine'])
  shelf.full = false
  await window(machine, shelf).own.sync()
  expect(onDisk(machine)).toEqual(['Mine: mine'])
  expect(shelf.getItem('neuroloom.blocks')).toBeNull()
})

test('two windows lose none of each other’s blocks, also under one title', async () => {
  const machine = new Machine()
  const [a, b] = [window(machine), window(machine)]
  await Promise.all([a.own.sync(), b.own.sync()])
  await Promise.all([a.own.keep(block('A')), b.own.keep(block('B'))])
  await Promise.all([a.own.keep(block('Both', 'a')), b.own.keep(block('Both', 'b'))])
  expect(onDisk(machine).sort()).toEqual(['A: mine', 'B: mine', 'Both 2: b', 'Both: a'])
  expect(shown(b.own)).toEqual(['A: mine', 'B: mine', 'Both: a', 'Both 2: b'])
  expect(said(b.notices)).toContain('“Both 2”')
  expect(a.notices.list).toEqual([])
  // What the other window changed since is not taken out of the palette unseen.
  await b.own.keep(block('A', 'of b'))
  await a.own.remove('A')
  expect(onDisk(machine)).toContain('A: of b')
  expect(said(a.notices)).toContain('stays in the palette')
  // What the other took out can be kept again.
  await a.own.remove('B')
  await b.own.keep(block('B', 'again'))
  expect(onDisk(machine)).toContain('B: again')
  // The same twice is one.
  await Promise.all([a.own.keep(block('Same')), b.own.keep(block('Same'))])
  expect(onDisk(machine).filter((one) => one.startsWith('Same'))).toEqual(['Same: mine'])
})

test('changes while one is being saved are saved after it, the newest only', async () => {
  const machine = new Machine()
  const { own } = window(machine)
  await own.sync()
  let release = () => {}
  machine.held = new Promise((resolve) => (release = resolve))
  const save = vi.spyOn(machine, 'saveLibrary')
  const all = [own.keep(block('Mine', 'a'))]
  await vi.advanceTimersByTimeAsync(0)
  expect(save).toHaveBeenCalledOnce()
  for (const name of ['b', 'c', 'd']) all.push(own.keep(block('Mine', name)))
  all.push(own.keep(block('Next')))
  release()
  await Promise.all(all)
  expect(onDisk(machine)).toEqual(['Mine: d', 'Next: mine'])
  expect(machine.saves).toEqual(['Mine', 'Mine', 'Next'])
})

test('a window that had nothing to bring still brings what comes', async () => {
  const machine = new Machine()
  const { own } = window(machine)
  for (let i = 0; i < 3; i++) await own.sync()
  await own.keep(block('Mine'))
  expect(onDisk(machine)).toEqual(['Mine: mine'])
})

test('what the machine refuses is said once, keeps no other waiting, and is tried again', async () => {
  const machine = new Machine()
  const { own, notices, shelf } = window(machine)
  await own.sync()
  machine.refusal = fail(problem('file.write', 'The disk is full.'))
  const show = vi.spyOn(notices, 'show')
  await own.keep(block('Mine'))
  expect(said(notices)).toMatch(/not on this machine yet: The disk is full\. It is tried again/)
  expect(shelf.waiting()).toBe(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(show).toHaveBeenCalledOnce()
  machine.refusal = null
  await vi.advanceTimersByTimeAsync(4000)
  expect(onDisk(machine)).toEqual(['Mine: mine'])
  expect([notices.list, shelf.waiting()]).toEqual([[], 0])
})

test('before the machine has said what it has nothing is brought to it', async () => {
  const machine = new Machine()
  const { own, notices } = window(machine)
  const load = vi.spyOn(machine, 'loadLibrary').mockRejectedValue(new Error('the folder could not be read'))
  await own.keep(block('Mine'))
  expect(said(notices)).toMatch(/The folder could not be read\./)
  expect([shown(own), machine.saves]).toEqual([['Mine: mine'], []])
  load.mockRestore()
  await vi.advanceTimersByTimeAsync(4000)
  expect(onDisk(machine)).toEqual(['Mine: mine'])
})

test.each([
  ['of tomorrow', textOf(block('Mine')).replace(/"version": \d+/, '"version": 99'), /newer/],
  ['torn', textOf(block('Mine')).slice(0, 50), /Mine/],
  ['of another title', textOf(block('Other')), /another block/],
  ['without a composite', writeClip({ blocks: {}, wires: {} }), /another block/],
])('a block %s is left as it is and said, and its title stays taken', async (_, text, reason) => {
  const machine = new Machine()
  machine.put('Mine', text)
  machine.put('Fine', textOf(block('Fine')))
  const { own, notices } = window(machine)
  await own.sync()
  expect(shown(own)).toEqual(['Fine: mine'])
  expect(said(notices)).toMatch(reason)
  await own.keep(block('Mine'))
  expect(shown(own)).toEqual(['Fine: mine', 'Mine 2: mine'])
  expect(machine.blocks.get('Mine')?.text).toBe(text)
})

test('without any memory of the browser the machine alone keeps them', async () => {
  const machine = new Machine()
  const own = new OwnBlocks(machine, new Notices(), undefined)
  await own.keep(block('Mine'))
  expect(onDisk(machine)).toEqual(['Mine: mine'])
})
