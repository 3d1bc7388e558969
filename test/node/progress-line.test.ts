import { expect, test } from 'vitest'
import { ProgressLine } from '../../src/node/cli/progress-line.ts'

function onTerminal(isTTY: boolean, columns = 40) {
  const written: string[] = []
  let now = 5000
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 }
  const line = new ProgressLine(stream, () => now)
  return { line, written, wait: (milliseconds: number) => (now += milliseconds) }
}
const at = (share: number, file = 'big.csv') => ({ doing: 'reading', file, share }) as const

test('says nothing for a second, then how far it is, in one line that is gone afterwards', () => {
  const { line, written, wait } = onTerminal(true)
  line.tell(at(0))
  wait(999)
  line.tell(at(0.1))
  line.clear()
  expect(written).toEqual([])
  wait(1)
  line.tell(at(0.256))
  line.tell({ doing: 'preparing', file: 'big.csv', share: 0 })
  expect(written).toEqual(['\r\x1b[KReading big.csv… 25\u202f%', '\r\x1b[KPreparing big.csv… 0\u202f%'])
  line.clear()
  line.clear()
  expect(written.slice(2)).toEqual(['\r\x1b[K'])
})

test('says nothing where no terminal is', () => {
  const { line, written, wait } = onTerminal(false)
  line.tell(at(0))
  wait(5000)
  line.tell(at(0.5))
  line.clear()
  expect(written).toEqual([])
})

test('stays in one line, whatever the file is called', () => {
  const { line, written, wait } = onTerminal(true, 20)
  line.tell(at(0))
  wait(1000)
  line.tell(at(0.5, `bad\x1b[2J\nname${'x'.repeat(50)}`))
  expect(written).toEqual(['\r\x1b[KReading bad?[2J?nam'])
})
