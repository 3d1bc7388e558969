import { expect, test } from 'vitest'
import { engineChecks, platformChecks } from '../../src/protocol/arguments.ts'

const checks = { ...engineChecks, ...platformChecks }
const good: { readonly [N in keyof typeof checks]: unknown } = {
  'engine.info': {},
  'engine.devices': {},
  'data.open': { handles: ['a', 'b'], options: {} },
  'data.read': { source: {} },
  'data.cancel': {},
  'data.generated': { generator: 'spiral', params: {}, seed: 1 },
  'data.preview': { data: {} },
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
  'run.current': {},
  'draft.load': {},
  'draft.save': { text: '{}' },
  'library.load': {},
  'library.save': { title: 'Mine', text: '{}', before: null },
  'engine.restart': {},
  'document.open': {},
  'document.save': { handle: null, name: 'net.json', text: '{}' },
  'files.pick': { extensions: ['.csv', '.idx3-ubyte'] },
  'files.pickFolder': {},
  'files.accept': { paths: ['/home/me/set'] },
}

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
  expect(engineChecks['data.open']({ handles: Array(101).fill('a'), options: null })).toMatch(/at most 100/)
  expect(engineChecks['data.open']({ handles: ['a'.repeat(201)], options: null })).toMatch(/at most 200/)
  expect(engineChecks['run.start']({ document: {}, device: 'gpu' })).toMatch(/one of/)
  expect(engineChecks['run.setLive']({ name: 'rate', value: NaN })).toMatch(/number/)
  expect(platformChecks['files.pick']({ extensions: ['../x'] })).toMatch(/ending/)
  expect(platformChecks['files.accept']({ paths: Array(101).fill('/a') })).toMatch(/at most 100/)
  expect(engineChecks['data.open']({ handles: [], options: null })).toBeNull()
})
