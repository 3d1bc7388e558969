/**
 * Plain text as a sequence: from so many characters or words the next one is to be told. A window is moved along the text;
 * what lies in it are whole numbers, as the block Embedding reads them, and the token behind it is the class.
 */
import { bool, choice, int } from '../../base/params.ts'
import { problem, ProblemError } from '../../base/problem.ts'
import { showBytes } from '../../base/shape.ts'
import { MAX_CATEGORIES, MAX_NAMED, MAX_PROSE_BYTES, MAX_UNZIPPED, MAX_WINDOWS, MAX_WORDS } from '../limits.ts'
import { overlapping } from '../numbers.ts'
import { limitOf, roomFor, type Limit } from '../room.ts'
import { encodingOption, openText, type Encoding, type TextStream } from '../table/decode.ts'
import { looksLikeTable } from '../text/looks-like-table.ts'
import { TextPieces } from '../text/pieces.ts'
import { RARE, Tokens, vocabularyOf, type Unit } from '../text/tokens.ts'
import { defineReader, NO_BAD, type DataFile, type Fact, type HeldNumbers, type Job } from '../types.ts'

const NAME = /\.(txt|text|md)(\.gz)?$/i
/** Bytes between two looks at whether anybody still wants it. */
const PIECE = 1 << 16
/** Windows of a text, where nobody says how far apart they are: an epoch of more would take days. */
const USUAL_WINDOWS = 4_000_000
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
      doc: `From the beginning of one example to that of the next. 0 is 3 characters or 1 word, and more where that gave over ${USUAL_WINDOWS / 1e6} million examples.`,
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
    return files.length > 0 && files.every(({ name }) => NAME.test(name)) && !files.every(isTable)
  },
  async read(files, options, job) {
    const file = single(files)
    const { unit, length, lowercase } = options
    const most = options.most || usual[unit].most
    if (most < 2) {
      const message = 'A vocabulary of 1 has nothing to tell apart; choose 2 or more, or 0 for the usual one.'
      throw new ProblemError(problem('text.vocabulary', message, { field: 'most' }))
    }
    const limit = await limitOf(job)
    // Twice over the text: what it is made of, and then where that stands.
    const { text, total, names, texts, different } = await survey(file, options, most, limit, job)
    const kind = names.length <= 256 ? 'bytes' : 'floats'
    if (total * (kind === 'bytes' ? 1 : 4) > limit.bytes) throw tooLong(file, limit)
    const stride = options.stride || Math.max(usual[unit].stride, Math.ceil((total - length) / USUAL_WINDOWS))
    const count = Math.floor((total - length - 1) / stride) + 1
    checkCount(file, count, total - length, stride)

    const room = await roomFor(job, kind, total, 1)
    const windows = new Windows(count, length, stride, texts)
    const tokens = new Tokens(unit, lowercase, windows.vocabulary)
    const again = await openText(file, options.encoding)
    for await (const piece of piecesOf(file, again, job, 0.5)) {
      const codes = tokens.push(piece.text, piece.last)
      if (tokens.total > total) throw changed(file)
      await room.write(windows.take(codes, kind))
    }
    const { rare } = windows
    if (tokens.total < total || (rare > 0 && names.length === texts.length)) throw changed(file)
    const facts: Fact[] = [
      { label: 'Encoding', value: text.encoding },
      { label: unit === 'word' ? 'Words and marks' : 'Characters', value: String(total) },
      {
        label: 'Vocabulary',
        value:
          names.length > texts.length
            ? `${names.length} of ${different}; the others are “${RARE}”`
            : String(names.length),
      },
      ...(rare > 0 ? [{ label: 'Taken as rare', value: `${rare} (${((100 * rare) / total).toFixed(1)} %)` }] : []),
      { label: 'Windows', value: `${count} of ${length}, ${stride} apart` },
    ]
    return {
      data: {
        count,
        shape: [length],
        features: overlapping(await room.done(), count, length, stride),
        codes: true,
        target: { kind: 'classes', names },
        targets: windows.targets,
        ...(windows.names && { names: windows.namesOf(unit) }),
      },
      facts,
      bad: NO_BAD,
      warnings: text.warnings,
    }
  },
})

/** What a text is made of. */
async function survey(
  file: DataFile,
  {
    unit,
    length,
    lowercase,
    encoding,
  }: {
    readonly unit: Unit
    readonly length: number
    readonly lowercase: boolean
    readonly encoding: Encoding | 'auto'
  },
  most: number,
  limit: Limit,
  job: Job,
) {
  const tokens = new Tokens(unit, lowercase)
  const text = await openText(file, encoding)
  for await (const piece of piecesOf(file, text, job, 0)) {
    tokens.push(piece.text, piece.last)
    if (tokens.total > limit.bytes) throw tooLong(file, limit)
  }
  checkLength(file, tokens, unit, length)
  const { names, texts } = vocabularyOf(tokens, most, unit)
  checkVocabulary(file, names)
  const different = tokens.dropped > 0 ? `more than ${MAX_WORDS}` : String(tokens.texts.length)
  return { text, total: tokens.total, names, texts, different }
}

function isTable(file: DataFile): boolean {
  return looksLikeTable(file.head, file.length === file.head.length)
}

function single(files: readonly DataFile[]): DataFile {
  const [file, ...others] = files
  if (file && others.length === 0) return file
  const message = `A text is one file, but ${files.length} files were given; join them or choose one.`
  throw new ProblemError(problem('text.files', message))
}

interface Piece {
  readonly text: string
  /** Nothing comes behind it. */
  readonly last: boolean
}

/** Half of the progress, from `begun` on. */
async function* piecesOf(file: DataFile, text: TextStream, job: Job, begun: 0 | 0.5): AsyncIterable<Piece> {
  const { name } = file
  const pieces = new TextPieces(name, text.before)
  const most = file.length === undefined ? Math.max(MAX_PROSE_BYTES, file.size * MAX_UNZIPPED) : Infinity
  try {
    let done = 0
    for await (const chunk of chunksOf(text)) {
      for (let from = 0; from < chunk.length; from += PIECE) {
        const piece = chunk.subarray(from, from + PIECE)
        done += piece.length
        if (done > most) {
          const message = `${name} has more than ${showBytes(most)} when it is unzipped, which is hardly a text; unzip it, and choose what comes out.`
          throw new ProblemError(problem('file.large', message, { file: name }))
        }
        yield { text: pieces.push(piece), last: false }
        await job.pause()
      }
      if (file.length) job.progress(begun + Math.min(0.5, (0.5 * done) / file.length))
    }
    yield { text: pieces.end(), last: true }
  } finally {
    await text.close()
  }
}

async function* chunksOf(text: TextStream): AsyncIterable<Uint8Array> {
  yield text.sample
  yield* text.rest()
}

function tooLong({ name }: DataFile, { shown }: Limit): ProblemError {
  const message = `${name} is longer than the ${shown} that examples may take. Use a part of it.`
  return new ProblemError(problem('file.large', message, { file: name }))
}

function changed({ name }: DataFile): ProblemError {
  return new ProblemError(
    problem(
      'file.changed',
      `${name} was changed while it was read. Open it again when nothing writes to it any more.`,
      { file: name },
    ),
  )
}

function checkLength({ name }: DataFile, { total, texts, dropped }: Tokens, unit: Unit, length: number): void {
  const units = unit === 'word' ? 'words' : 'characters'
  const file = name
  if (total === 0) {
    const message = `${name} ${unit === 'word' ? 'has no word in it' : 'is empty'}; choose a text.`
    throw new ProblemError(problem('text.empty', message, { file }))
  }
  if (texts.length === 1 && dropped === 0) {
    const message = `${name} has the same ${unit} all along; there is nothing to be learnt from it.`
    throw new ProblemError(problem('data.oneClass', message, { file }))
  }
  // Two examples, one to learn from and one to be tested with.
  if (total < length + 2) {
    const most = total - 2
    const cure = most > 0 ? `choose a length of ${most} or less, or a longer text` : 'choose a longer text'
    const message = `${name} has ${total} ${units}, too few for windows of ${length} and what follows; ${cure}.`
    throw new ProblemError(problem('text.short', message, { file, field: 'length' }))
  }
}

function checkVocabulary({ name }: DataFile, names: readonly string[]): void {
  if (names.length > 1) return
  const message = `${name} has more than ${MAX_WORDS} different words, none of which is frequent, so it is hardly a text of words; read it as characters.`
  throw new ProblemError(problem('text.words', message, { file: name, field: 'unit' }))
}

/** `places`: where windows may begin. */
function checkCount({ name }: DataFile, count: number, places: number, stride: number): void {
  if (count <= MAX_WINDOWS) return
  const apart = Math.max(stride + 1, Math.ceil(places / MAX_WINDOWS))
  const message = `${name} gives ${count} windows, ${stride} apart; ${MAX_WINDOWS} are the most. Choose a stride of ${apart} or more.`
  throw new ProblemError(problem('text.size', message, { file: name, field: 'stride' }))
}

/** What stands at the beginning of each window and behind it, found as the text goes by. */
class Windows {
  /** What is told apart, with the end of a line at any rate. */
  readonly vocabulary: readonly string[]
  readonly targets: Int32Array
  /** `line 12`, one string a line, however many windows begin there. */
  readonly names: string[] | undefined
  /** Tokens that are not in the vocabulary. */
  rare = 0
  readonly #rare: number
  readonly #lineEnd: number
  readonly #length: number
  readonly #stride: number
  /** Tokens that went by, and windows whose beginning and whose target did. */
  #at = 0
  #begun = 0
  #told = 0
  #line = 1
  #name = 'line 1'
  #codes: HeldNumbers = new Uint8Array()

  constructor(count: number, length: number, stride: number, texts: readonly string[]) {
    this.vocabulary = texts.includes('\n') ? texts : [...texts, '\n']
    this.#rare = texts.length
    this.#lineEnd = this.vocabulary.indexOf('\n')
    this.targets = new Int32Array(count)
    this.names = count <= MAX_NAMED ? [] : undefined
    this.#length = length
    this.#stride = stride
  }

  /** Where all windows begin in one line, by their places in it. */
  namesOf(unit: Unit): readonly string[] {
    const names = this.names ?? []
    if (names.length < 2 || names[0] !== names.at(-1)) return names
    return names.map((_, i) => `${unit} ${i * this.#stride + 1}`)
  }

  /** The tokens as the set has them, until the next ones come. */
  take(tokens: Uint32Array, kind: 'bytes' | 'floats'): HeldNumbers {
    if (this.#codes.length < tokens.length)
      this.#codes = kind === 'bytes' ? new Uint8Array(2 * tokens.length) : new Float32Array(2 * tokens.length)
    const { targets, names } = this
    const codes = this.#codes
    let begins = this.#begun * this.#stride
    let tells = this.#told * this.#stride + this.#length
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] as number
      const place = this.#at + i
      const code = Math.min(token, this.#rare)
      codes[i] = code
      if (token >= this.#rare) this.rare++
      if (place === begins) {
        if (names && this.#begun < targets.length) names.push(this.#name)
        this.#begun++
        begins += this.#stride
      }
      if (place === tells) {
        if (this.#told < targets.length) targets[this.#told] = code
        this.#told++
        tells += this.#stride
      }
      if (names && token === this.#lineEnd) this.#name = `line ${++this.#line}`
    }
    this.#at += tokens.length
    return codes.subarray(0, tokens.length)
  }
}
