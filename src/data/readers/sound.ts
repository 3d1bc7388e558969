/**
 * Sounds as WAV files, the folder of each being its class. All become one channel, one sampling rate and one length; then
 * they are sequences of samples or spectrograms. Headers are read first, so that what all of it will take is known and refused
 * before the first sample is read.
 */
import { at } from '../../base/assert.ts'
import { bool, choice, int, real } from '../../base/params.ts'
import { problem, ProblemError, type Problem } from '../../base/problem.ts'
import { showBytes, showShape, type Shape } from '../../base/shape.ts'
import type { TargetDescription } from '../../document/types.ts'
import { memoryFile, readWhole } from '../files.ts'
import { MAX_BAD, MAX_CATEGORIES, MAX_LISTED, MAX_SAMPLES } from '../limits.ts'
import { limitOf, roomFor, type Limit } from '../room.ts'
import { partsBy } from '../parts.ts'
import { asideWarnings, commonRoot, partLikeWarnings, partsIn, placesOf } from '../pictures/folder.ts'
import { isList, partsListed } from '../pictures/lists.ts'
import { Resampler } from '../sound/resample.ts'
import { analyse, frameCount, mostBands, spectrogram, type Spectrogram } from '../sound/spectrum.ts'
import { decodeFrames, ENCODINGS, isWav, otherSound, readWav, type Wav } from '../sound/wav.ts'
import {
  defineReader,
  NO_TARGET,
  type Asked,
  type BadRecords,
  type DataFile,
  type Fact,
  type Job,
  type RawExamples,
  type Recorded,
} from '../types.ts'

const WAV = /\.wave?(\.gz)?$/i
const SOUND = /\.(wave?|mp3|ogg|oga|opus|flac|aiff?|aifc|au|m4a|aac|wma)(\.gz)?$/i
/** Samples between two looks at whether anybody still wants it. */
const STRETCH = 1 << 16

export default defineReader({
  type: 'sound',
  title: 'Sounds (WAV, a folder for each class)',
  doc: 'WAV files in folders, where the name of the folder is the class of what lies in it: `yes/1.wav`, `no/1.wav`. Each recording becomes one channel of one length, as a sequence of samples or as a spectrogram.',
  extensions: ['.wav'],
  options: {
    as: choice({
      label: 'Read as',
      doc: 'A sequence of samples from -1 to 1, or how loud each frequency is over time, in decibels.',
      default: 'spectrogram',
      options: { sequence: 'Sequence', spectrogram: 'Spectrogram' },
    }),
    seconds: real({
      label: 'Length',
      doc: 'Seconds of each recording. Shorter ones get silence at their end, longer ones are cut. 0 is the length in the middle of all.',
      default: 0,
      min: 0,
      max: 3600,
    }),
    rate: int({
      label: 'Sampling rate',
      doc: 'Samples a second; recordings with another rate are resampled. 0 is the rate that most of them have.',
      default: 0,
      max: 192_000,
    }),
    frame: real({
      label: 'Frame',
      doc: 'Milliseconds of which one column of the spectrogram is made.',
      default: 32,
      min: 1,
      max: 1000,
    }),
    hop: real({
      label: 'Hop',
      doc: 'Milliseconds from one column of the spectrogram to the next.',
      default: 16,
      min: 0.1,
      max: 1000,
    }),
    mels: int({
      label: 'Mel bands',
      doc: 'Rows of the spectrogram, as wide as ears hear them. 0 takes all frequencies as they are.',
      default: 40,
      max: 512,
    }),
    skip: bool({
      label: 'Skip bad files',
      doc: 'Files that cannot be read are left out and listed; otherwise they are a reason to read none.',
      default: true,
    }),
  },
  accepts(files) {
    const seen = files.filter(({ name }) => !isHidden(name))
    const sounds = seen.filter(isSound)
    return sounds.length > 0 && sounds.length * 2 >= seen.length
  },
  async read(files, options, job) {
    const bad = new BadFiles(options.skip)
    const { recordings, others, lists, warnings } = await survey(files, bad, job)
    const { rate, samples } = job.asked ? recordedBefore(job.asked, options) : recordedAs(recordings, options)
    const spectrum = options.as === 'spectrogram' ? spectrumOf(options, rate) : undefined
    const shape: Shape = spectrum ? [frameCount(spectrum, samples), spectrum.bins, 1] : [samples, 1]
    checkSize(recordings.length, shape, { samples, rate, spectrum }, await limitOf(job))

    const size = shape[0] as number
    const width = shape[1] as number
    const room = await roomFor(job, 'floats', recordings.length, size * width)
    const own = new Float32Array(size * width)
    const sequence = spectrum ? new Float32Array(samples) : undefined
    const resamplers = new Map<number, Resampler>()
    const taken: Recording[] = []
    for (const [i, recording] of recordings.entries()) {
      job.progress(i / recordings.length)
      own.fill(0)
      let resampler = resamplers.get(recording.wav.rate)
      if (!resampler) resamplers.set(recording.wav.rate, (resampler = new Resampler(recording.wav.rate, rate)))
      const read = await bad.unless(recording.name, () => readSamples(recording, resampler, sequence ?? own, job))
      if (!read) continue
      if (read.repaired) bad.mended(read.repaired)
      if (spectrum && sequence) {
        for (let from = 0; from < size; from += 256) {
          analyse(spectrum, sequence, own, from, Math.min(size, from + 256))
          await job.pause()
        }
      }
      await room.write(own)
      taken.push(recording)
    }
    bad.check(taken.length)
    const told = job.asked ? NO_TARGET : targetOf(taken, bad)
    const parts = partsBy(
      taken.map(({ part = '' }) => part),
      partsIn(recordings),
    )
    const named = taken.map(({ name }) => name)
    return {
      data: {
        count: taken.length,
        shape,
        features: await room.done(),
        ...told,
        names: named,
        files: named,
        ...(parts && { parts }),
        recorded: { rate, samples },
      },
      facts: factsOf(taken, { rate, seconds: samples / rate, others, lists, spectrum, shape, target: told.target }),
      bad: bad.all(),
      warnings: [...warnings, ...partLikeWarnings(told.target.names)],
    }
  },
})

interface Recording {
  readonly name: string
  /** The class; '' where it lies in none, and need not. */
  readonly folder: string
  /** Such as train and test, where folders or lists tell it. */
  readonly part: string | undefined
  readonly wav: Wav
  /** Opened anew each time, since unzipping it takes memory. */
  open(): Promise<DataFile>
}

interface Sizes {
  readonly samples: number
  readonly rate: number
  readonly spectrum: Spectrogram | undefined
}

function isHidden(name: string): boolean {
  return /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini)$/i.test(name)
}

function isSound({ name, head }: DataFile): boolean {
  return SOUND.test(name) || isWav(head)
}

/** Bad files are listed and left out, or are a reason to stop, at the end, when all of them are known. */
class BadFiles {
  readonly #skip: boolean
  readonly #problems: Problem[] = []
  #skipped = 0
  #repaired = 0

  constructor(skip: boolean) {
    this.#skip = skip
  }

  /** What `work` gives, or undefined where it found the file to be bad. */
  async unless<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      // What is not about this file, such as that nobody wants it any more, ends all.
      if (!(error instanceof ProblemError) || error.problems.some(({ place }) => place?.file !== name)) throw error
      this.#skipped++
      for (const one of error.problems) this.#list(one)
      return undefined
    }
  }

  mended(how: Problem): void {
    this.#repaired++
    this.#list(how)
  }

  /** Throws where there are bad files and they are not to be skipped, or where nothing else is left. */
  check(left: number): void {
    if (this.#skipped === 0 || (this.#skip && left > 0)) return
    const shown = this.#problems.slice(0, MAX_LISTED)
    const rest = this.#problems.length - shown.length
    if (rest > 0) shown.push(problem('sound.more', `${rest} more files have such problems.`))
    throw new ProblemError(...shown)
  }

  all(): BadRecords {
    return { skipped: this.#skipped, repaired: this.#repaired, problems: this.#problems }
  }

  #list(one: Problem): void {
    if (this.#problems.length < MAX_BAD) this.#problems.push(one)
  }
}

interface Found {
  readonly recordings: readonly Recording[]
  readonly others: number
  /** Those that say the parts. */
  readonly lists: readonly string[]
  readonly warnings: readonly Problem[]
}

/** The headers of all files, by name, so that it does not matter in which order they came. */
async function survey(files: readonly DataFile[], bad: BadFiles, job: Job): Promise<Found> {
  const found: Recording[] = []
  const lists: DataFile[] = []
  let others = 0
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const file of sorted) {
    await job.pause()
    if (isHidden(file.name) || !isSound(file)) {
      others++
      if (!isHidden(file.name) && isList(file.name)) lists.push(file)
      continue
    }
    const recording = await bad.unless(file.name, () => openRecording(file, job))
    if (recording) found.push(recording)
  }
  bad.check(found.length)
  if (found.length === 0)
    throw new ProblemError(problem('sound.none', 'There is no WAV file among these files; choose others.'))
  const names = found.map(({ name }) => name)
  const { places, asides } = placesOf(names)
  const root = commonRoot(names)
  const listed = await partsListed(
    lists,
    names.map((name) => name.slice(root.length)),
    job,
  )
  const recordings = found.flatMap((recording, i) => {
    const { label, part, isAside } = at(places, i)
    if (isAside && !job.asked) return []
    // A folder is either a part or a class.
    const own = label === undefined ? {} : { folder: label.split('/').at(-1) ?? label, part }
    const told = listed?.parts[i]
    return [{ ...recording, ...own, ...(told !== undefined && { part: told }) }]
  })
  if (!job.asked) classesOf(recordings, bad)
  return {
    recordings,
    others: others - (listed?.files.length ?? 0),
    lists: listed?.files ?? [],
    warnings: job.asked ? [] : asideWarnings(asides, 'recording'),
  }
}

async function openRecording(file: DataFile, { asked }: Job): Promise<Recording> {
  const { name } = file
  const ending = SOUND.exec(name)?.[1]
  if (ending && !WAV.test(name) && !isWav(file.head) && !otherSound(file.head)) {
    const message = `${name} is no WAV file but ${ending.toUpperCase()} by its name, which cannot be read; convert it to WAV.`
    throw new ProblemError(problem('sound.format', message, { file: name }))
  }
  const open = async () =>
    file.length === undefined ? memoryFile(name, await readWhole(file, 4 * MAX_SAMPLES, 'a recording')) : file
  const wav = await readWav(await open())
  const folder = name.split('/').at(-2) ?? ''
  if (folder === '' && !asked) {
    const message = `${name} lies in no folder that says its class; put the recordings into one folder for each class and choose the folder around them.`
    throw new ProblemError(problem('sound.folder', message, { file: name }))
  }
  return { name, folder, part: undefined, wav, open }
}

/** The folders' names in order, numbers by their value. */
function classesOf(recordings: readonly Recording[], bad: BadFiles): string[] {
  const names = [...new Set(recordings.map(({ folder }) => folder))].sort((a, b) => {
    const by = /^\d{1,15}$/.test(a) && /^\d{1,15}$/.test(b) ? Number(a) - Number(b) : 0
    return by || (a < b ? -1 : 1)
  })
  const [first] = names
  if (names.length === 1 && first !== undefined) {
    const few = recordings.length === 1 ? 'the recording lies' : `all ${recordings.length} recordings lie`
    const message = `In these files ${few} in the folder ${first}; a network needs two classes or more to tell apart, so choose the folder that holds a folder for each.`
    // Those that were left out may be the other class.
    throw new ProblemError(
      ...bad.all().problems.slice(0, MAX_LISTED),
      problem('data.oneClass', message, { file: recordings[0]?.name ?? '' }),
    )
  }
  if (names.length > MAX_CATEGORIES) {
    const message = `The recordings lie in ${names.length} folders, each a class, but ${MAX_CATEGORIES} classes are possible; choose fewer folders.`
    throw new ProblemError(problem('data.categories', message))
  }
  return names
}

function targetOf(recordings: readonly Recording[], bad: BadFiles): Pick<RawExamples, 'target' | 'targets'> {
  const names = classesOf(recordings, bad)
  const codes = new Map(names.map((name, code) => [name, code]))
  const targets = Int32Array.from(recordings, ({ folder }) => codes.get(folder) ?? 0)
  return { target: { kind: 'classes', names }, targets }
}

interface LengthOptions {
  readonly rate: number
  readonly seconds: number
}

/** What all recordings are to be, by what the person says and what they are. */
function recordedAs(recordings: readonly Recording[], options: LengthOptions): Recorded {
  const rate = options.rate || mostCommon(recordings.map(({ wav }) => wav.rate))
  const lengths = recordings.map(({ wav }) => wav.frames / wav.rate).sort((a, b) => a - b)
  const seconds = options.seconds || median(lengths)
  return { rate, samples: Math.max(1, Math.round(seconds * rate)) }
}

/** What those have become that the network was trained on. */
function recordedBefore({ recorded }: Asked, { rate, seconds }: LengthOptions): Recorded {
  if (recorded) return recorded
  if (rate > 0 && seconds > 0) return { rate, samples: Math.max(1, Math.round(seconds * rate)) }
  const message = 'At what rate the network heard its recordings, and how long they were, is not known; train again.'
  throw new ProblemError(problem('sound.recorded', message))
}

/** The rate that occurs most often; the lowest of several. */
function mostCommon(rates: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const rate of rates) counts.set(rate, (counts.get(rate) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0] ?? 0
}

function median(sorted: readonly number[]): number {
  const half = (sorted.length - 1) / 2
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2
}

export function spectrumOf(options: { frame: number; hop: number; mels: number }, rate: number): Spectrogram {
  // A Hann window of fewer samples has hardly any weight that is not 0.
  const frame = Math.max(4, Math.round((options.frame / 1000) * rate))
  const hop = Math.max(1, Math.round((options.hop / 1000) * rate))
  const spectrum = spectrogram(frame, hop, options.mels, rate)
  const most = mostBands(options.mels, spectrum.points, rate)
  if (most < options.mels) {
    const cure = most > 0 ? `choose at most ${most} bands or a longer frame` : 'choose a longer frame'
    const message = `Of ${options.mels} mel bands some lie between the frequencies of a frame of ${options.frame} ms at ${rate} samples a second; ${cure}.`
    throw new ProblemError(problem('sound.mels', message, { field: 'mels' }))
  }
  return spectrum
}

/** Refuses what would take too much memory, and says what would not. */
function checkSize(count: number, shape: Shape, { samples, rate, spectrum }: Sizes, limit: Limit): void {
  const bytes = 4 * count * shape.reduce((size, axis) => size * axis, 1)
  if (bytes <= limit.bytes && samples <= MAX_SAMPLES) return
  const steps = Math.floor(limit.bytes / 4 / count / (shape[1] as number))
  const fitting = Math.min(MAX_SAMPLES, spectrum ? (steps - 1) * spectrum.hop + spectrum.frame : steps)
  const seconds = Math.floor((100 * fitting) / rate) / 100
  const cure =
    steps > 0 && seconds > 0 ? `choose a length of at most ${seconds} s or fewer recordings` : 'choose fewer recordings'
  const message =
    `${count} recordings as ${spectrum ? 'spectrograms' : 'sequences'} of ${showShape(shape)} take ${showBytes(bytes)}, ` +
    `but ${limit.shown} are possible in all and ${MAX_SAMPLES} samples in each; ${cure}.`
  throw new ProblemError(problem('sound.size', message, { field: 'seconds' }))
}

/** The recording at its new rate; what lies beyond its end is 0. */
export async function readSamples(
  recording: Pick<Recording, 'name' | 'wav' | 'open'>,
  resampler: Resampler,
  output: Float32Array,
  job: Job,
): Promise<{ repaired?: Problem }> {
  const { wav, name } = recording
  const { up, down } = resampler
  const same = up === down
  const frames = Math.min(wav.frames, same ? output.length : resampler.needed(output.length))
  if (frames > MAX_SAMPLES) {
    const message = `${name} has ${wav.frames} samples, of which ${frames} would be needed; ${MAX_SAMPLES} are possible, so choose a shorter length.`
    throw new ProblemError(problem('sound.size', message, { file: name, field: 'seconds' }))
  }
  output.fill(0)
  const input = same ? output : new Float32Array(frames)
  const file = await recording.open()
  let largest = 0
  for (let from = 0; from < frames; from += STRETCH) {
    const to = Math.min(frames, from + STRETCH)
    const start = wav.start + from * wav.stride
    const bytes = await file.read(start, wav.start + to * wav.stride)
    if (bytes.length < (to - from) * wav.stride) {
      const message = `${name} became shorter while it was read; choose it again.`
      throw new ProblemError(problem('file.changed', message, { file: name, byte: start + bytes.length }))
    }
    const found = decodeFrames(wav, bytes, input, from)
    if (!Number.isFinite(found)) {
      const message = `${name} has a sample between byte ${start} and ${start + bytes.length} that is no number; save it again.`
      throw new ProblemError(problem('sound.number', message, { file: name, byte: start }))
    }
    largest = Math.max(largest, found)
    await job.pause()
  }
  if (largest > 1) for (let i = 0; i < frames; i++) input[i] = Math.max(-1, Math.min(1, input[i] as number))
  if (!same) {
    const length = Math.min(output.length, resampler.lengthOf(wav.frames))
    for (let from = 0; from < length; from += STRETCH) {
      resampler.fill(input, frames, output, from, Math.min(length, from + STRETCH))
      await job.pause()
    }
  }
  if (largest <= 1) return {}
  const message = `${name} has samples of up to ${largest.toPrecision(3)}, beyond -1 to 1; they are cut off there.`
  return { repaired: problem('sound.loud', message, { file: name }, 'warning') }
}

function factsOf(
  recordings: readonly Recording[],
  all: {
    readonly rate: number
    readonly seconds: number
    readonly others: number
    readonly lists: readonly string[]
    readonly spectrum: Spectrogram | undefined
    readonly shape: Shape
    readonly target: TargetDescription
  },
): Fact[] {
  const { rate, seconds, others, lists, spectrum, shape, target } = all
  const wavs = recordings.map(({ wav }) => wav)
  const lengths = wavs.map((wav) => wav.frames / wav.rate)
  // To a sample, which is as exact as the rates allow.
  const shorter = lengths.filter((length) => length < seconds - 0.5 / rate).length
  const longer = lengths.filter((length) => length > seconds + 0.5 / rate).length
  const [least, most] = [lengths.reduce((a, b) => Math.min(a, b)), lengths.reduce((a, b) => Math.max(a, b))]
  const otherRates = wavs.filter((wav) => wav.rate !== rate)
  const channels = [...new Set(wavs.map((wav) => wav.channels))].sort((a, b) => a - b)
  const encodings = [...new Set(wavs.map(({ encoding }) => ENCODINGS[encoding].title))].sort()
  const rates = [...new Set(otherRates.map((wav) => wav.rate))].sort((a, b) => a - b)
  const facts: Fact[] = [
    {
      label: 'Recordings',
      value: `${recordings.length}${target.kind === 'classes' ? ` in ${target.names.length} classes` : ''}`,
    },
    {
      label: 'Length',
      value:
        least === most
          ? `${showSeconds(seconds)}`
          : `${showSeconds(seconds)}, of ${showSeconds(least)} to ${showSeconds(most)}`,
    },
    { label: 'Filled up with silence', value: String(shorter) },
    { label: 'Cut', value: String(longer) },
    {
      label: 'Sampling rate',
      value: `${rate} Hz${rates.length > 0 ? `; ${otherRates.length} resampled from ${some(rates.map(String))} Hz` : ''}`,
    },
    { label: 'Channels', value: `${some(channels.map(String))}${channels.some((n) => n > 1) ? ', mixed to one' : ''}` },
    { label: 'Samples', value: encodings.join(', ') },
  ]
  if (spectrum) {
    const rows = spectrum.bands.length > 0 ? `${spectrum.bins} mel bands` : `${spectrum.bins} frequencies`
    facts.push({ label: 'Spectrogram', value: `${shape[0]} frames of ${rows}, in decibels` })
  }
  if (lists.length > 0) facts.push({ label: 'Parts', value: `by ${lists.join(', ')}` })
  if (others > 0) facts.push({ label: 'Other files', value: `${others} left aside` })
  return facts
}

function some(texts: readonly string[]): string {
  return texts.length > 5 ? `${texts.slice(0, 5).join(', ')} and ${texts.length - 5} others` : texts.join(', ')
}

function showSeconds(seconds: number): string {
  return `${Number(seconds.toPrecision(3))} s`
}
