import { expect, test } from 'vitest'
import { engineChecks, MAX_OWN_BYTES, platformChecks } from '../../src/protocol/arguments.ts'
import { MAX_FRAME } from '../../src/protocol/host-wire.ts'
import { encodeFrame } from '../../src/protocol/codec.ts'

const checks = { ...engineChecks, ...platformChecks }
const good: { readonly [N in keyof typeof checks]: unknown } = {
  'engine.info': {},
  'engine.devices': {},
  'data.open': { handles: ['a', 'b'], options: {} },
  'data.read': { source: {} },
  'data.generated': { generator: 'spiral', params: {}, seed: 1 },
  'data.preview': { data: {} },
  'data.samples': { data: {}, rows: [0, 17] },
  'data.varied': { data: {} },
  'run.start': { document: {}, device: 'auto' },
  'run.prepare': { document: {}, device: 'auto' },
  'network.estimate': { document: {}, device: 'cpu' },
  'run.pause': {},
  'run.resume': {},
  'run.step': {},
  'run.stop': {},
  'run.setLive': { name: 'rate', value: 0.1 },
  'run.evaluate': { part: 'validation' },
  'run.samples': { part: 'train', choice: { kind: 'cell', truth: 0, predicted: 2, skip: 100 } },
  'run.predict': { example: { kind: 'row', cells: { width: '1.5', colour: '' } } },
  'predict.begin': { handles: ['a'] },
  'predict.next': { id: 1 },
  'predict.end': { id: 1 },
  'run.current': {},
  'draft.load': {},
  'draft.save': { text: '{}' },
  'library.load': {},
  'library.save': { title: 'Mine', text: '{}', before: null },
  'engine.restart': {},
  'document.open': {},
  'document.save': { handle: null, name: 'net.json', text: '{}' },
  'table.write': { handle: null, name: 'predictions.csv', text: 'row\n', last: true },
  'files.pick': { extensions: ['.csv', '.idx3-ubyte'] },
  'files.pickFolder': {},
  'files.accept': { paths: ['/home/me/set'] },
}

test('samples of a cell are asked for with the label that it is of, where there are labels', () => {
  const check = checks['run.samples']
  const cell = { kind: 'labelCell', label: 1, truth: 0, predicted: 1, skip: 0 }
  expect(check({ part: 'train', choice: cell })).toBeNull()
  for (const choice of [
    { ...cell, label: -1 },
    { ...cell, kind: 'cell' },
    { ...cell, label: undefined },
  ])
    expect(check({ part: 'train', choice })).toMatch(/\.$/)
})

test('every call takes what it should', () => {
  for (const [name, check] of Object.entries(checks))
    expect([name, check(good[name as keyof typeof good])]).toEqual([name, null])
})

test('every call refuses what is no object, missing or strange arguments', () => {
  for (const [name, check] of Object.entries(checks)) {
    const args = good[name as keyof typeof good] as object
    for (const bad of [
      null,
      undefined,
      1,
      'x',
      [],
      new Float32Array(1),
      { ...args, extra: 1 },
      { ...args, path: '/etc/passwd' },
    ])
      expect(check(bad), name).toMatch(/\.$/)
    for (const key of Object.keys(args)) {
      expect(check(Object.fromEntries(Object.entries(args).filter(([k]) => k !== key))), name).toMatch(key)
      expect(check({ ...args, [key]: Symbol('x') }), name).toMatch(key)
    }
  }
})

test('sizes are limited', () => {
  expect(engineChecks['data.open']({ handles: Array(1001).fill('a'), options: null })).toMatch(/at most 1000/)
  expect(engineChecks['data.open']({ handles: ['a'.repeat(201)], options: null })).toMatch(/at most 200/)
  expect(engineChecks['run.start']({ document: {}, device: 'gpu' })).toMatch(/one of/)
  expect(engineChecks['run.setLive']({ name: 'rate', value: NaN })).toMatch(/number/)
  expect(platformChecks['files.pick']({ extensions: ['../x'] })).toMatch(/ending/)
  expect(platformChecks['files.accept']({ paths: Array(1001).fill('/a') })).toMatch(/at most 1000/)
  expect(engineChecks['data.open']({ handles: [], options: null })).toBeNull()
})

test('what is tried is bytes or numbers of the right kind, and fits in a frame', () => {
  const check = (example: unknown) => engineChecks['run.predict']({ example })
  const file = { kind: 'file', file: 'a.png', bytes: new Uint8Array(3) }
  const sound = { kind: 'sound', samples: new Float32Array(3), rate: 48_000 }
  for (const fine of [file, sound, { kind: 'again', id: 'run-1 2' }]) expect(check(fine)).toBeNull()
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{ ...file, bytes: [1, 2, 3] }, /must be bytes/],
    [{ ...file, bytes: 'abc' }, /must be bytes/],
    [{ ...file, bytes: new Uint16Array(2) }, /must be bytes/],
    [{ ...file, bytes: new DataView(new ArrayBuffer(2)) }, /must be bytes/],
    [{ ...file, bytes: { length: 2, 0: 1, 1: 2 } }, /must be bytes/],
    [{ ...file, bytes: new Uint8Array(MAX_OWN_BYTES + 1) }, /at most 16000000 bytes, not 16000001/],
    [{ ...file, file: 7 }, /must be a text/],
    [{ ...file, file: 'a'.repeat(256) }, /at most 255/],
    [{ ...file, path: '/etc/passwd' }, /no argument "path"/],
    [{ kind: 'file', bytes: file.bytes }, /"file" must be there/],
    [{ ...sound, samples: [0, 1] }, /32-bit numbers/],
    [{ ...sound, samples: new Float64Array(2) }, /32-bit numbers/],
    [{ ...sound, samples: new Float32Array(MAX_OWN_BYTES / 4 + 1) }, /at most 4000000 numbers/],
    [{ ...sound, rate: 0.5 }, /whole number/],
    [{ ...sound, rate: -8000 }, /whole number/],
    [{ ...sound, rate: NaN }, /whole number/],
    [{ ...sound, rate: 1e300 }, /whole number/],
    [{ ...sound, rate: '48000' }, /whole number/],
    [{ kind: 'again' }, /"id" must be there/],
    [{ kind: 'again', id: 1 }, /must be a text/],
    [{ kind: 'again', id: 'x'.repeat(201) }, /at most 200/],
    [{ kind: 'constructor' }, /must have a kind/],
  ]
  for (const [example, why] of bad) expect(check(example)).toMatch(why)
  const largest = { kind: 'file', file: '😀'.repeat(120), bytes: new Uint8Array(MAX_OWN_BYTES) }
  expect(check(largest)).toBeNull()
  const frame = encodeFrame({ kind: 'call', id: 1, name: 'run.predict', arguments: { example: largest } })
  expect(frame.length).toBeLessThan(MAX_FRAME)
})
