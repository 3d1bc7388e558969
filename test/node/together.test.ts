/** Work that several want at the same time: done once, left one by one, ended with the last. */
import { describe, expect, test } from 'vitest'
import { Together } from '../../src/node/engine/together.ts'
import type { Watch } from '../../src/node/engine/reading.ts'

/** Who watches: it hears all and leaves when it is told to. */
function watcher() {
  const heard: unknown[] = []
  let left = false
  const watch: Watch = {
    pause: () => (left ? Promise.reject(new Error('left')) : Promise.resolve()),
    progress: (share) => heard.push(share),
    begin: ({ doing, file }) => heard.push(`${doing} ${file}`),
  }
  return { watch, heard, leave: () => (left = true) }
}

/** Work that goes on from one pause to the next as the test says. */
function work() {
  let go: (() => void) | undefined
  let done: ((value: string) => void) | undefined
  const ends: unknown[] = []
  let begun = 0
  const job = async (watch: Watch): Promise<string> => {
    begun++
    watch.begin({ doing: 'reading', file: 'a' })
    let value: string | undefined
    done = (said) => (value = said)
    try {
      for (let i = 1; ; i++) {
        await new Promise<void>((resolve) => (go = resolve))
        if (value !== undefined) return value
        watch.progress(i / 10)
        await watch.pause()
      }
    } catch (error) {
      ends.push(error)
      throw error
    }
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    job,
    ends,
    get begun() {
      return begun
    },
    async step() {
      go?.()
      await settle()
    },
    async finish(value: string) {
      done?.(value)
      go?.()
      await settle()
    },
  }
}

describe('two who want the same', () => {
  test('wait for one work, and both hear of it, the later one from where it is', async () => {
    const { job, step, finish, ...own } = work()
    const together = new Together<string>()
    const [first, second] = [watcher(), watcher()]
    const answers = [together.do('k', first.watch, job)]
    await step()
    answers.push(together.do('k', second.watch, job))
    await step()
    await finish('both')
    expect(await Promise.all(answers)).toEqual(['both', 'both'])
    expect(own.ends).toEqual([])
    expect(first.heard).toEqual(['reading a', 0.1, 0.2])
    expect(second.heard).toEqual(['reading a', 0.1, 0.2])
  })

  test('and something else, by another name, is another work', async () => {
    const [one, two] = [work(), work()]
    const together = new Together<string>()
    const first = together.do('k', watcher().watch, one.job)
    const second = together.do('l', watcher().watch, two.job)
    await two.finish('two')
    await one.finish('one')
    expect(await Promise.all([first, second])).toEqual(['one', 'two'])
  })

  test('when it is done the next one begins anew', async () => {
    const { job, finish, ...own } = work()
    const together = new Together<string>()
    const counted = (watch: Watch) => job(watch)
    const first = together.do('k', watcher().watch, counted)
    await finish('first')
    expect(await first).toBe('first')
    let begun = 0
    const second = together.do('k', watcher().watch, () => Promise.resolve(`${++begun}`))
    expect(await second).toBe('1')
    expect(own.ends).toEqual([])
  })

  test('hear of its failure', async () => {
    const together = new Together<string>()
    let fail: (error: Error) => void = () => undefined
    const job = () => new Promise<string>((_, reject) => (fail = reject))
    const answers = [1, 2].map(() => together.do('k', watcher().watch, job).catch((error: Error) => error.message))
    fail(new Error('broken'))
    expect(await Promise.all(answers)).toEqual(['broken', 'broken'])
  })
})

describe('who leaves', () => {
  test('leaves it to the others', async () => {
    const { job, ends, step, finish } = work()
    const together = new Together<string>()
    const [first, second] = [watcher(), watcher()]
    const left = together.do('k', first.watch, job).catch((error: Error) => error.message)
    const stayed = together.do('k', second.watch, job)
    first.leave()
    await step()
    expect(await left).toBe('left')
    await step()
    expect(first.heard.at(-1)).toBe(0.1)
    expect(second.heard.at(-1)).toBe(0.2)
    await finish('done')
    expect(await stayed).toBe('done')
    expect(ends).toEqual([])
  })

  test('as the last one ends it, and who comes then begins it anew', async () => {
    const { job, ends, step } = work()
    const together = new Together<string>()
    const both = [watcher(), watcher()]
    const answers = both.map(({ watch }) => together.do('k', watch, job).catch((error: Error) => error.message))
    both.forEach(({ leave }) => leave())
    await step()
    expect(await Promise.all(answers)).toEqual(['left', 'left'])
    expect(ends).toMatchObject([{ message: 'left' }])
    expect(await together.do('k', watcher().watch, () => Promise.resolve('anew'))).toBe('anew')
  })

  test('while somebody joins does not end it', async () => {
    const { job, ends, step, finish } = work()
    const together = new Together<string>()
    const [first, second] = [watcher(), watcher()]
    const left = together.do('k', first.watch, job).catch((error: Error) => error.message)
    // As a newer edit does it: the next call is there before the older one is given up.
    const stayed = together.do('k', second.watch, job)
    first.leave()
    await step()
    await finish('done')
    expect([await left, await stayed, ends]).toEqual(['left', 'done', []])
  })

  test('a work within a work leaves that too, if nobody else wants it', async () => {
    const inner = work()
    const [files, sets] = [new Together<string>(), new Together<string>()]
    const prepare = (name: string) => (watch: Watch) =>
      files.do('file', watch, inner.job).then((text) => `${name} ${text}`)
    const [old, fresh] = [watcher(), watcher()]
    const first = sets.do('old', old.watch, prepare('old')).catch((error: Error) => error.message)
    await inner.step()
    const second = sets.do('fresh', fresh.watch, prepare('fresh'))
    old.leave()
    await inner.step()
    expect(await first).toBe('left')
    expect(inner.ends).toEqual([])
    expect(inner.begun).toBe(1)
    await inner.finish('read')
    expect(await second).toBe('fresh read')
    // The control: alone, leaving ends the work within.
    const lone = work()
    const last = watcher()
    const given = sets
      .do('x', last.watch, (watch) => files.do('y', watch, lone.job))
      .catch((error: Error) => error.message)
    last.leave()
    await lone.step()
    expect(await given).toBe('left')
    expect(lone.ends).toHaveLength(1)
  })
})
