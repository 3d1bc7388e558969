import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  lstatSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { atomicWrite, sweepTemporary, type FileHandle, type WriterFs } from '../../src/node/atomic-file.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'neuroloom-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The real file system, except that call number `failing` fails; counts the calls. */
function failingFs(failing: number, code = 'EIO') {
  const state = { calls: 0, log: [] as string[] }
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    state.log.push(name)
    if (++state.calls === failing) throw Object.assign(new Error(`${code}: ${name}`), { code })
    return work()
  }
  const wrap = (handle: FileHandle): FileHandle => ({
    write: (data) => step('write', () => handle.write(data)),
    sync: () => step('sync', () => handle.sync()),
    stat: () => step('fstat', () => handle.stat()),
    // The descriptor must not leak into the next case even when "close" fails.
    close: () => step('close', () => Promise.resolve()).finally(() => handle.close()),
  })
  const fs: WriterFs = {
    realpath: (path) => step('realpath', () => nodeFs.realpath(path)),
    mkdir: (path, options) => step('mkdir', () => nodeFs.mkdir(path, options)),
    open: (path, flags, mode) => step('open', async () => wrap(await nodeFs.open(path, flags, mode))),
    rename: (from, to) => step('rename', () => nodeFs.rename(from, to)),
    unlink: (path) => step('unlink', () => nodeFs.unlink(path)),
    readdir: (path) => step('readdir', () => nodeFs.readdir(path)),
    stat: (path) => step('stat', () => nodeFs.stat(path)),
  }
  return { fs, state }
}

describe('atomicWrite', () => {
  test('writes text, bytes and streams, making the folder', async () => {
    const path = join(folder, 'a/b/file.json')
    expect(await atomicWrite(path, 'text ü')).toEqual({ ok: true, value: null })
    expect(readFileSync(path, 'utf8')).toBe('text ü')
    expect((await atomicWrite(path, Uint8Array.of(1, 2))).ok).toBe(true)
    expect([...readFileSync(path)]).toEqual([1, 2])
    async function* chunks() {
      for (let i = 0; i < 5; i++) yield new Uint8Array(100_000).fill(i)
    }
    expect((await atomicWrite(path, chunks())).ok).toBe(true)
    expect(readFileSync(path).length).toBe(500_000)
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file.json'])
  })

  test('whatever call fails, the content is the old or the new one, nothing lies about and the failure is said', async () => {
    const path = join(folder, 'file.json')
    const clean = failingFs(0)
    await atomicWrite(path, 'new', { fs: clean.fs, platform: 'linux' })
    expect(clean.state.log).toEqual([
      'mkdir',
      'realpath',
      'open',
      'write',
      'sync',
      'fstat',
      'close',
      'rename',
      'open',
      'sync',
      'close',
    ])
    for (const code of ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EWHATEVER']) {
      for (let call = 1; call <= clean.state.calls; call++) {
        writeFileSync(path, 'old')
        const result = await atomicWrite(path, 'new', { fs: failingFs(call, code).fs, platform: 'linux' })
        expect(result.ok).toBe(false)
        if (!result.ok) expect(result.problems[0]?.message).toMatch(/^"file\.json" was not saved.*\.$/)
        expect(['old', 'new']).toContain(readFileSync(path, 'utf8'))
        if (call <= 8) expect(readFileSync(path, 'utf8')).toBe('old')
        expect(readdirSync(folder)).toEqual(['file.json'])
      }
    }
  })

  test('a process that dies between any two calls leaves the old or the new content', async () => {
    const path = join(folder, 'file.json')
    // From the failing call on nothing works any more, as after a kill: not even the tidying up.
    for (let last = 1; last <= 11; last++) {
      writeFileSync(path, 'old')
      const { fs, state } = failingFs(0)
      const dead = Object.fromEntries(
        Object.entries(fs).map(([name, call]) => [
          name,
          (...args: unknown[]) =>
            state.calls >= last
              ? Promise.reject(new Error('dead'))
              : (call as (...a: unknown[]) => Promise<unknown>)(...args),
        ]),
      ) as unknown as WriterFs
      await atomicWrite(path, 'new', { fs: dead, platform: 'linux' })
      expect(['old', 'new']).toContain(readFileSync(path, 'utf8'))
    }
  })

  test('a file that came out shorter than written does not replace the old one', async () => {
    const path = join(folder, 'file.json')
    writeFileSync(path, 'old')
    const { fs } = failingFs(0)
    const short: WriterFs = {
      ...fs,
      open: async (...args) => ({ ...(await fs.open(...args)), stat: async () => ({ size: 1 }) }),
    }
    expect((await atomicWrite(path, 'new', { fs: short })).ok).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe('old')
  })

  test('Windows renames are tried again while another program holds the file, elsewhere not', async () => {
    const path = join(folder, 'file.json')
    const attempt = async (platform: NodeJS.Platform, failures: number) => {
      let left = failures
      const waits: number[] = []
      const { fs } = failingFs(0)
      const busy: WriterFs = {
        ...fs,
        rename: (from, to) =>
          left-- > 0 ? Promise.reject(Object.assign(new Error('busy'), { code: 'EPERM' })) : fs.rename(from, to),
      }
      const result = await atomicWrite(path, 'new', { fs: busy, platform, wait: async (ms) => void waits.push(ms) })
      return { ok: result.ok, waits }
    }
    expect(await attempt('win32', 7)).toEqual({ ok: true, waits: [10, 20, 40, 80, 160, 320, 500] })
    expect((await attempt('win32', 10)).ok).toBe(false)
    expect(await attempt('linux', 1)).toEqual({ ok: false, waits: [] })
  })

  test('a link stays a link', async () => {
    const real = join(folder, 'real.json')
    const link = join(folder, 'link.json')
    writeFileSync(real, 'old')
    symlinkSync(real, link)
    await atomicWrite(link, 'new')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readFileSync(real, 'utf8')).toBe('new')
  })

  test('writes to one path happen in order', async () => {
    const path = join(folder, 'file.json')
    await Promise.all(Array.from({ length: 20 }, (_, i) => atomicWrite(path, String(i))))
    expect(readFileSync(path, 'utf8')).toBe('19')
  })

  test('sweeping removes only old temporary files of ours', async () => {
    const old = join(folder, '.a.json.neuroloom-1-abc')
    const young = join(folder, '.b.json.neuroloom-1-abc')
    const other = join(folder, 'c.json')
    for (const path of [old, young, other]) writeFileSync(path, 'x')
    for (const path of [old, other]) utimesSync(path, 0, 0)
    await sweepTemporary(folder, Date.now())
    expect([old, young, other].map((path) => existsSync(path))).toEqual([false, true, true])
    await sweepTemporary(join(folder, 'absent'), Date.now())
  })
})
