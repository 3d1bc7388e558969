/** Texts that are none, or of which nothing can be learnt. */
import { textFile, type HostileCase } from './case.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const letters = (words: string) => Array.from(words, (letter) => letter.charCodeAt(0))

function refused(
  name: string,
  content: string | Uint8Array,
  options: NonNullable<HostileCase['options']>,
  ...says: string[]
): HostileCase {
  const files = typeof content === 'string' ? textFile('a.txt', content) : [{ name: 'a.txt', bytes: content }]
  return { name, files, options, says }
}

const prose = 'A fox met a crow that held a piece of cheese, and praised its voice.\n'

export const cases: readonly HostileCase[] = [
  refused('an empty file', '', {}, 'a.txt is empty; choose a text.'),
  refused('nothing but a byte order mark', bytes(0xef, 0xbb, 0xbf), {}, 'a.txt is empty; choose a text.'),
  refused('nothing but a UTF-16 byte order mark', bytes(0xff, 0xfe), {}, 'a.txt is empty; choose a text.'),
  refused('one character', 'a', {}, 'a.txt has the same character all along; there is nothing to be learnt from it.'),
  refused(
    'a text that is shorter than a window',
    'To be or not to be.',
    {},
    'a.txt has 19 characters, too few for windows of 40 and what follows; choose a length of 17 or less, or a longer text.',
  ),
  refused(
    'two characters',
    'ab',
    { length: 1 },
    'a.txt has 2 characters, too few for windows of 1 and what follows; choose a longer text.',
  ),
  refused(
    'a text of fewer words than a window',
    prose,
    { unit: 'word' },
    'a.txt has 18 words, too few for windows of 40 and what follows; choose a length of 16 or less, or a longer text.',
  ),
  refused(
    'the same character all along',
    'a'.repeat(1000),
    {},
    'a.txt has the same character all along; there is nothing to be learnt from it.',
  ),
  refused(
    'the same word all along',
    'ha '.repeat(1000),
    { unit: 'word' },
    'a.txt has the same word all along; there is nothing to be learnt from it.',
  ),
  refused(
    'nothing but spaces, as words',
    ' \t '.repeat(100),
    { unit: 'word' },
    'a.txt has no word in it; choose a text.',
  ),
  refused(
    'capital letters that are not told apart',
    'aA'.repeat(100),
    { lowercase: true },
    'a.txt has the same character all along; there is nothing to be learnt from it.',
  ),
  refused(
    'a NUL character',
    'line one\nline t\0wo',
    {},
    'a.txt has the NUL character on line 2, so it is no plain text; choose another encoding or another file.',
  ),
  refused(
    'a NUL after a line end of another kind',
    'line one\r\n\rline\0',
    {},
    'a.txt has the NUL character on line 3, so it is no plain text; choose another encoding or another file.',
  ),
  refused(
    'a program',
    bytes(0x7f, ...letters('ELF'), 2, 1, 1, 0, 0, 0),
    {},
    'a.txt has the control character U+007F on line 1, so it is no plain text; choose another encoding or another file.',
  ),
  refused(
    'a picture',
    bytes(0x89, ...letters('PNG\r\n'), 0x1a, 0x0a, 0, 0, 0, 13),
    {},
    'a.txt is not UTF-8: byte 0 is 0x89; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'a bell',
    'ding\u0007dong',
    {},
    'a.txt has the control character U+0007 on line 1, so it is no plain text; choose another encoding or another file.',
  ),
  refused(
    'a deleted character',
    `${prose}\u007f`,
    {},
    'a.txt has the control character U+007F on line 2, so it is no plain text; choose another encoding or another file.',
  ),
  refused(
    'UTF-16 without a byte order mark',
    bytes(...letters(prose).flatMap((code) => [code, 0])),
    {},
    'a.txt has the NUL character on line 1, so it is no plain text; choose another encoding or another file.',
  ),
  refused(
    'UTF-16 with half a character at its end',
    bytes(0xff, 0xfe, 0x41, 0, 0x42),
    {},
    'a.txt is not UTF-16 (little-endian): byte 4 is the last one, and half a character; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'UTF-16 with half a pair',
    bytes(0xff, 0xfe, 0x41, 0, 0x00, 0xd8, 0x42, 0),
    {},
    'a.txt is not UTF-16 (little-endian): byte 4 begins 0xD800, half a character; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'big-endian UTF-16 with half a pair',
    bytes(0xfe, 0xff, 0, 0x41, 0xdc, 0x00, 0, 0x42),
    {},
    'a.txt is not UTF-16 (big-endian): byte 4 begins 0xDC00, half a character; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'an older text that is said to be UTF-8',
    bytes(...letters('caf'), 0xe9, 0x20),
    { encoding: 'utf-8' },
    'a.txt is not UTF-8: byte 3 is 0xE9; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'an overlong form of a slash',
    bytes(...letters('a'), 0xc0, 0xaf, 0x20),
    { encoding: 'utf-8' },
    'a.txt is not UTF-8: byte 1 is 0xC0; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'a character that the end of the file cuts off',
    bytes(...letters('ab'), 0xf0, 0x9f, 0x98),
    { encoding: 'utf-8' },
    'a.txt is not UTF-8: byte 2 is 0xF0; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'a surrogate in UTF-8',
    bytes(...letters('ab'), 0xed, 0xa0, 0x80),
    { encoding: 'utf-8' },
    'a.txt is not UTF-8: byte 2 is 0xED; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'a text that is said to be UTF-16 and is not',
    prose.slice(0, 35),
    { encoding: 'utf-16le' },
    'a.txt is not UTF-16 (little-endian): byte 34 is the last one, and half a character; choose the encoding that it has, or save it as UTF-8.',
  ),
  refused(
    'a vocabulary of one',
    prose.repeat(9),
    { most: 1 },
    'A vocabulary of 1 has nothing to tell apart; choose 2 or more, or 0 for the usual one.',
  ),
  {
    name: 'windows that take 10,000 times as much as the text',
    files: textFile('a.txt', prose.repeat(1000)),
    options: { length: 10_000, stride: 1 },
    says: [],
    taken: { examples: 59_000 },
  },
  {
    name: 'two texts',
    files: [...textFile('a.txt', prose), ...textFile('b.txt', prose)],
    says: ['A text is one file, but 2 files were given; join them or choose one.'],
  },
]
