/**
 * Plain text as a sequence: from so many characters or words the next one is to be told. A window is moved along the text;
 * what lies in it are whole numbers, as the block Embedding reads them, and the token behind it is the class.
 */
import { bool, choice, int } from '../../base/params.ts'
import { problem, ProblemError } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_CATEGORIES, MAX_EXAMPLE_BYTES, MAX_NAMED, MAX_PROSE_BYTES, MAX_WORDS } from '../limits.ts'
import { encodingOption, openText, type TextStream } from '../table/decode.ts'
import { looksLikeTable } from '../text/looks-like-table.ts'
import { TextPieces } from '../text/pieces.ts'
import { RARE, Tokens, vocabularyOf, type Unit } from '../text/tokens.ts'
import { defineReader, NO_BAD, type DataFile, type Fact, type Job } from '../types.ts'

const NAME = /\.(txt|text|md)(\.gz)?$/i
/** Bytes between two looks at whether anybody still wants it. */
const PIECE = 1 << 18
/** Windows between two such looks. */
const STRETCH = 1 << 14
/** What `most` and `stride` are where they are 0. */
const usual = { character: { most: 256, stride: 3 }, word: { most: 1000, stride: 1 } } as const

export default defineReader({
  type: 'text',
  title: 'Text (characters or words)',
  doc: 'Plain text of which the next character or the next word is to be told. Each example is a window of the text, as whole numbers for the block Embedding; the data must not be scaled.',
  extensions: ['.txt', '.text', '.md'],
  options: {
    unit: choice({
      label: 'Unit',
      default: 'character',
      options: { character: 'Characters', word: 'Words' },
    }),
    length: int({ label: 'Length', doc: 'Characters or words that are known.', default: 40, min: 1, max: 10_000 }),
    stride: int({
      label: 'Stride',
      doc: 'From the beginning of one example to that of the next. 0 is 3 characters or 1 word.',
      default: 0,
      max: 1_000_000,
    }),
    lowercase: bool({ label: 'Lower case', doc: 'Capital letters become small ones.', default: false }),
    most: int({
      label: 'Vocabulary',
      doc: `How many different characters or words are told apart; the rarest become one, “${RARE}”. 0 is 256 characters or 1000 words.`,
      default: 0,
      max: MAX_CATEGORIES,
    }),
    encoding: encodingOption,
  },
  accepts(files) {
    return files.length > 0 && files.every(({ name }) => NAME.test(name)) && !(files.length === 1 && isTable(files[0]))
  },
  async read(files, options, job) {
    const file = single(files)
    const { unit, length } = options
    const stride = options.stride || usual[unit].stride
    const most = options.most || usual[unit].most
    if (most < 2) {
      const message = 'A vocabulary of 1 has nothing to tell apart; choose 2 or more, or 0 for the usual one.'
      throw new ProblemError(problem('text.vocabulary', message, { field: 'most' }))
    }
    if (file.length !== undefined && file.length > MAX_PROSE_BYTES)
      throw tooLarge(file.name, `has ${showBytes(file.length)}`)
    const text = await openText(file, options.encoding)
    const tokens = await readTokens(file, text, unit, options.lowercase, job)
    const { codes } = tokens
    checkLength(file, tokens, unit, length)
    const { names, places, rare } = vocabularyOf(tokens, most, unit)
    const count = Math.floor((codes.length - length - 1) / stride) + 1
    checkSize(file, count, codes.length, length, stride)

    const features = new Float32Array(count * length)
    const targets = new Int32Array(count)
    const lines = count <= MAX_NAMED ? new Lines(codes, tokens.texts.indexOf('\n')) : undefined
    const where: string[] = []
    for (let i = 0; i < count; i++) {
      if (i % STRETCH === 0) {
        await job.pause()
        job.progress(0.5 + (0.5 * i) / count)
      }
      const start = i * stride
      for (let k = 0; k < length; k++) features[i * length + k] = places[codes[start + k] as number] as number
      targets[i] = places[codes[start + length] as number] as number
      if (lines) where.push(lines.nameAt(start))
    }
    const facts: Fact[] = [
      { label: 'Encoding', value: text.encoding },
      { label: unit === 'word' ? 'Words and marks' : 'Characters', value: String(codes.length) },
      {
        label: 'Vocabulary',
        value: rare > 0 ? `${names.length} of ${tokens.texts.length}; the others are “${RARE}”` : String(names.length),
      },
      ...(rare > 0
        ? [{ label: 'Taken as rare', value: `${rare} (${((100 * rare) / codes.length).toFixed(1)} %)` }]
        : []),
      { label: 'Windows', value: `${count} of ${length}, ${stride} apart` },
    ]
    return {
      data: {
        count,
        shape: [length],
        features,
        codes: true,
        target: { kind: 'classes', names },
        targets,
        ...(lines ? { names: where } : {}),
      },
      facts,
      bad: NO_BAD,
      warnings: text.warnings,
    }
  },
})

function isTable(file: DataFile | undefined): boolean {
  return file !== undefined && looksLikeTable(file.head, file.length === file.head.length)
}

function single(files: readonly DataFile[]): DataFile {
  const [file, ...others] = files
  if (file && others.length === 0) return file
  const message = `A text is one file, but ${files.length} files were given; join them or choose one.`
  throw new ProblemError(problem('text.files', message))
}

async function readTokens(file: DataFile, text: TextStream, unit: Unit, lowercase: boolean, job: Job): Promise<Tokens> {
  const { name } = file
  const tokens = new Tokens(unit)
  const pieces = new TextPieces(name, text.before)
  const take = (piece: string, last = false) => {
    tokens.push(lowercase ? piece.toLowerCase() : piece, last)
    if (tokens.texts.length <= MAX_WORDS) return
    const message = `${name} has more than ${MAX_WORDS} different words, so it is hardly a text of words; read it as characters.`
    throw new ProblemError(problem('text.words', message, { file: name, field: 'unit' }))
  }
  try {
    let done = 0
    for await (const chunk of chunksOf(text)) {
      for (let from = 0; from < chunk.length; from += PIECE) {
        const piece = chunk.subarray(from, from + PIECE)
        done += piece.length
        if (done > MAX_PROSE_BYTES) throw tooLarge(name, `has more than ${showBytes(MAX_PROSE_BYTES)} as it is read`)
        take(pieces.push(piece))
        await job.pause()
      }
      if (file.length) job.progress(Math.min(0.5, (0.5 * done) / file.length))
    }
    take(pieces.end(), true)
    return tokens
  } finally {
    await text.close()
  }
}

async function* chunksOf(text: TextStream): AsyncIterable<Uint8Array> {
  yield text.sample
  yield* text.rest()
}

function tooLarge(file: string, what: string): ProblemError {
  const message = `${file} ${what}; a text may have ${showBytes(MAX_PROSE_BYTES)} at most. Use a part of it.`
  return new ProblemError(problem('file.large', message, { file }))
}

function checkLength({ name }: DataFile, { codes, texts }: Tokens, unit: Unit, length: number): void {
  const units = unit === 'word' ? 'words' : 'characters'
  const file = name
  if (codes.length === 0) {
    const message = `${name} ${unit === 'word' ? 'has no word in it' : 'is empty'}; choose a text.`
    throw new ProblemError(problem('text.empty', message, { file }))
  }
  if (texts.length === 1) {
    const message = `${name} has the same ${unit} all along; there is nothing to be learnt from it.`
    throw new ProblemError(problem('data.oneClass', message, { file }))
  }
  // Two examples, one to learn from and one to be tested with.
  if (codes.length < length + 2) {
    const most = codes.length - 2
    const cure = most > 0 ? `choose a length of ${most} or less, or a longer text` : 'choose a longer text'
    const message = `${name} has ${codes.length} ${units}, too few for windows of ${length} and what follows; ${cure}.`
    throw new ProblemError(problem('text.short', message, { file, field: 'length' }))
  }
}

function checkSize({ name }: DataFile, count: number, tokens: number, length: number, stride: number): void {
  const bytes = 4 * count * (length + 1)
  if (bytes <= MAX_EXAMPLE_BYTES) return
  const most = Math.floor(MAX_EXAMPLE_BYTES / 4 / (length + 1))
  const apart = Math.ceil((tokens - length) / most)
  const message =
    `${name} gives ${count} windows of ${length}, which take ${showBytes(bytes)}; ${showBytes(MAX_EXAMPLE_BYTES)} are possible. ` +
    `Choose a stride of ${Math.max(apart, stride + 1)} or more, or a smaller length.`
  throw new ProblemError(problem('text.size', message, { file: name, field: 'stride' }))
}

/** `line 12` for places that are asked for in order; one string a line, however many windows begin there. */
class Lines {
  readonly #codes: Uint32Array
  readonly #end: number
  #at = 0
  #line = 1
  #name = 'line 1'

  constructor(codes: Uint32Array, end: number) {
    this.#codes = codes
    this.#end = end
  }

  nameAt(place: number): string {
    const before = this.#line
    for (; this.#at < place; this.#at++) if (this.#codes[this.#at] === this.#end) this.#line++
    if (this.#line !== before) this.#name = `line ${this.#line}`
    return this.#name
  }
}
