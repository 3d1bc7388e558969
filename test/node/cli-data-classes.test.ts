/** `data`: how the classes are balanced, for people. */
import { expect, test } from 'vitest'
import { commandLine } from './helpers/command-line.ts'

const { cli, put } = commandLine()

test('each class is told with its count and share', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 4 === 0 ? 'rare' : 'usual'}`)
  const { code, out } = await cli('data', put('classes.csv', `x,kind\n${rows.join('\n')}\n`))
  expect(code).toBe(0)
  expect(out).toContain('\nclass  count  share\nrare      10   25 %\nusual     30   75 %\n\n')
  // The control: numbers have no classes.
  const numbers = Array.from({ length: 40 }, (_, i) => `${i % 7},${((i * 37) % 101) / 8}`)
  expect((await cli('data', put('numbers.csv', `x,y\n${numbers.join('\n')}\n`))).out).not.toContain('share')
})

test('of many classes the first ones are', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `${i % 7},c${10 + (i % 25)}`)
  const { out } = await cli('data', put('many.csv', `x,kind\n${rows.join('\n')}\n`))
  expect(out).toContain('\nc29        4    4 %\nand 5 more\n')
})
