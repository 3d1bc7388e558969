import { choice, int } from '../../base/params.ts'
import type { Rng } from '../../base/rng.ts'
import type { TargetDescription } from '../../document/types.ts'
import { defineDataset } from '../types.ts'

/** What a sentence is made of; each word of a place can follow each of the place before. */
const grammar = [
  ['the', 'one', 'that', 'every', 'our'],
  ['quiet', 'little', 'green', 'sleepy', 'brave', 'old'],
  ['fox', 'river', 'baker', 'lamp', 'cloud', 'robin'],
  ['sings to', 'waits for', 'draws', 'follows', 'remembers', 'hides from'],
  ['the', 'a', 'some other', 'her', 'no'],
  ['moon', 'garden', 'kettle', 'captain', 'winter', 'violin'],
]
const brackets = ['()', '[]', '{}'] as const

/** Each gives a text of at least so many characters, of which the first ones are known and the next is to be told. */
const tasks = {
  phrases(rng: Rng, length: number) {
    let text = ''
    const start = rng.integer(30)
    while (text.length < start + length + 1)
      text += `${grammar.map((words) => words[rng.integer(words.length)] ?? '').join(' ')}. `
    return text.slice(start, start + length + 1)
  },
  repetition(rng: Rng, length: number) {
    const word = Array.from({ length: 5 + rng.integer(4) }, () => 'abcdefgh'.charAt(rng.integer(8))).join('')
    return word.repeat(Math.ceil((length + 1) / word.length)).slice(0, length + 1)
  },
  /** The next one closes: only the brackets that are open say which. */
  brackets(rng: Rng, length: number) {
    const open: string[] = []
    let text = ''
    while (text.length < length) {
      const pair = brackets[rng.integer(brackets.length)] ?? '()'
      // One must be open at the end, and none may be where a single one is left to be closed.
      const last = text.length === length - 1
      const closes = open.length > 0 && (last ? open.length > 1 : rng.uniform() < 0.5)
      if (closes) text += open.pop() ?? ''
      else {
        text += pair.charAt(0)
        open.push(pair.charAt(1))
      }
    }
    return text + (open.at(-1) ?? ')')
  },
} satisfies { [task: string]: (rng: Rng, length: number) => string }
type Task = keyof typeof tasks

const alphabets: { readonly [T in Task]: readonly string[] } = {
  phrases: [...new Set(`${grammar.flat().join(' ')}.`)].sort(),
  repetition: [...'abcdefgh'],
  brackets: [...brackets.join('')],
}
/** As the reader of texts shows it. */
const targetOf = (task: Task): TargetDescription => ({
  kind: 'classes',
  names: alphabets[task].map((letter) => (letter === ' ' ? '␣' : letter)),
})

export default defineDataset({
  type: 'textSequences',
  title: 'Text sequences',
  doc: 'Characters, as numbers for the block Embedding, of which the next one is to be told: sentences of a small grammar, a word that repeats, or brackets of which the last open one must be closed. The data must not be scaled.',
  params: {
    count: int({ label: 'Sequences', default: 4000, min: 4, max: 100_000 }),
    length: int({ label: 'Length', doc: 'Characters that are known.', default: 24, min: 2, max: 1000 }),
    task: choice({
      label: 'Text',
      default: 'phrases',
      options: { phrases: 'Sentences', repetition: 'Repetition', brackets: 'Brackets' },
    }),
  },
  features: [24],
  featuresFor: ({ length }) => [length],
  target: targetOf('phrases'),
  targetFor: ({ task }) => targetOf(task),
  generate({ count, length, task }, random) {
    const codes = new Map(alphabets[task].map((letter, code) => [letter, code]))
    const features = new Float32Array(count * length)
    const targets = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const text = tasks[task](random(i), length)
      for (let t = 0; t < length; t++) features[i * length + t] = codes.get(text.charAt(t)) ?? 0
      targets[i] = codes.get(text.charAt(length)) ?? 0
    }
    return { count, shape: [length], features, codes: true, target: targetOf(task), targets }
  },
})
