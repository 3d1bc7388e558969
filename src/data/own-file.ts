/**
 * A picture or a recording of a person's own in the form of the data: made by what their reader did where one did it, and
 * otherwise such that it looks like those that the network was trained on.
 */
import { readParams } from '../base/params.ts'
import { problem, ProblemError } from '../base/problem.ts'
import { showShape, sizeOf } from '../base/shape.ts'
import type { DataSection } from '../document/types.ts'
import { mannerOf, pictureOf, type Drawing, type Manner } from './drawing.ts'
import { memoryFile, unwatched } from './files.ts'
import { MAX_SAMPLE_RATE } from './limits.ts'
import { decodePicture } from './pictures/index.ts'
import { fitInto } from './pictures/resize.ts'
import { targetLike } from './pictures/target.ts'
import type { Pixels } from './pictures/types.ts'
import pictures from './readers/pictures.ts'
import sound, { readSamples, spectrumOf } from './readers/sound.ts'
import { UNSCALED } from './scaling.ts'
import { Resampler } from './sound/resample.ts'
import { analyse } from './sound/spectrum.ts'
import { readWav } from './sound/wav.ts'
import type { FittedColumn, PreparedData, RawExamples } from './types.ts'

/** A picture or a WAV file. */
export interface OwnFile {
  readonly file: string
  readonly bytes: Uint8Array
}

/** What a microphone heard. */
export interface OwnSound {
  /** From -1 to 1. */
  readonly samples: Float32Array
  /** Samples a second. */
  readonly rate: number
}

/** As it would stand in the data; or as the network takes it, where it is made by what the network was trained on. */
export type OwnPicture = { readonly raw: RawExamples } | { readonly features: Float32Array }

/** Sides to which a picture is made smaller before its ink is looked for, as those of a drawing. */
const DRAWN = 140
/** Share of ground from which on pictures are strokes on it rather than photographs. */
const BARE = 0.4

/** What the data's own reader says where it is one of pictures or sounds. */
export async function exampleOfFile(own: OwnFile, data: PreparedData, section: DataSection): Promise<OwnPicture> {
  if (readerOf(section) !== 'sound') return pictureOfFile(own, data, section)
  const file = memoryFile(own.file, own.bytes)
  const wav = await readWav(file)
  return { raw: await recordingOf({ name: own.file, wav, open: () => Promise.resolve(file) }, data, section) }
}

export async function exampleOfSound({ samples, rate }: OwnSound, data: PreparedData, section: DataSection) {
  const name = 'Your recording'
  const refuse = (code: string, message: string) => new ProblemError(problem(code, message))
  if (readerOf(section) !== 'sound')
    throw refuse('own.kind', `A recording was given, but an example is ${showShape(data.shape)}; give that instead.`)
  if (!(Number.isInteger(rate) && rate > 0 && rate <= MAX_SAMPLE_RATE))
    throw refuse('own.rate', `${name} has ${rate} samples a second; 1 to ${MAX_SAMPLE_RATE} are possible.`)
  if (samples.length === 0) throw refuse('own.size', `${name} is empty; record again.`)
  if (!samples.every(Number.isFinite))
    throw refuse('own.number', `${name} has a sample that is no number; record again.`)
  const file = memoryFile(name, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
  const wav = { encoding: 'float32', channels: 1, rate, start: 0, frames: samples.length, stride: 4 } as const
  return recordingOf({ name, wav, open: () => Promise.resolve(file) }, data, section)
}

function readerOf({ source }: DataSection): string | undefined {
  return source.kind === 'examples' ? source.reader : undefined
}

function optionsOf({ source }: DataSection) {
  return source.kind === 'examples' ? source.options : {}
}

async function recordingOf(
  recording: Parameters<typeof readSamples>[0],
  data: PreparedData,
  section: DataSection,
): Promise<RawExamples> {
  if (!data.fitted.recorded)
    throw new ProblemError(problem('own.kind', 'At what rate the data are sampled is not known; train again.'))
  const { rate, samples } = data.fitted.recorded
  const { values } = readParams(sound.options, optionsOf(section), sound.title)
  const options = values as Parameters<typeof spectrumOf>[0] & typeof values
  const sequence = new Float32Array(samples)
  await readSamples(recording, new Resampler(recording.wav.rate, rate), sequence, unwatched)
  if (options['as'] === 'sequence') return single(sequence, data, recording.name)
  const features = new Float32Array(sizeOf(data.shape))
  analyse(spectrumOf(options, rate), sequence, features, 0, data.shape[0] ?? 0)
  return single(features, data, recording.name)
}

async function pictureOfFile(own: OwnFile, data: PreparedData, section: DataSection): Promise<OwnPicture> {
  const isOfPictures = readerOf(section) === 'pictures'
  const { values } = readParams(pictures.options, isOfPictures ? optionsOf(section) : {}, pictures.title)
  const target = targetLike(data.shape, values as Parameters<typeof targetLike>[1] & typeof values, own.file)
  const { height, width, channels } = target
  const { pixels } = await decodePicture(own)
  const bytes = new Uint8Array(sizeOf(data.shape))
  fitInto(pixels, target, bytes)
  if (isOfPictures) {
    return { raw: single(bytes, data, own.file) }
  }
  const manner = await mannerOf(data)
  const isDrawn = channels === 1 && manner.bare >= BARE
  if (isDrawn && (pixels.width !== width || pixels.height !== height))
    return { features: await pictureOf(inkOf(pixels), data) }
  if (isDrawn && groundOf(bytes, width, height) > 127 !== manner.ground > manner.ink)
    for (let i = 0; i < bytes.length; i++) bytes[i] = 255 - (bytes[i] as number)
  return { raw: single(inUnits(bytes, manner, data), data, own.file) }
}

/** An example by itself, of no class. */
function single(features: Float32Array | Uint8Array, { shape, target }: PreparedData, name: string): RawExamples {
  const targets = target.kind === 'classes' ? new Int32Array(1) : new Float32Array(target.names.length)
  return { count: 1, shape, features, target, targets, names: [name] }
}

/** Bytes in the range that the data have: 0 … 1, -1 … 1 or 0 … 255, whichever holds them, and else their own. */
function inUnits(bytes: Uint8Array, { ground, ink }: Manner, { fitted }: PreparedData): Float32Array {
  const scale = fitted.columns[0] ?? UNSCALED
  const [least, most] = [ground, ink].map((value) => rawOf(value, scale)).sort((a, b) => a - b) as [number, number]
  const ranges = [
    [0, 1],
    [-1, 1],
    [0, 255],
  ] as const
  // Single precision has gone there and back.
  const [low, high] = ranges.find(([a, b]) => least > a - 0.01 && most < b + 0.01) ?? [least, most]
  return Float32Array.from(bytes, (byte) => low + (byte / 255) * (high - low))
}

/** What a number was before it was scaled. */
function rawOf(value: number, { log, mean, deviation }: Pick<FittedColumn, 'log' | 'mean' | 'deviation'>): number {
  const scaled = value * deviation + mean
  return log ? Math.sign(scaled) * Math.expm1(Math.abs(scaled)) : scaled
}

/** Whatever differs from the ground, the more the more. */
function inkOf(pixels: Pixels): Drawing {
  const scale = Math.min(1, DRAWN / Math.max(pixels.width, pixels.height))
  const [width, height] = [pixels.width, pixels.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ]
  const ink = new Uint8Array(width * height)
  fitInto(pixels, { height, width, channels: 1, fit: 'stretch', background: 255 }, ink)
  const ground = groundOf(ink, width, height)
  const most = ink.reduce((most, byte) => Math.max(most, Math.abs(byte - ground)), 0)
  return { width, height, ink: ink.map((byte) => (most > 0 ? (Math.abs(byte - ground) / most) * 255 : 0)) }
}

/** The grey in the middle of those along its edges. */
function groundOf(grey: Uint8Array, width: number, height: number): number {
  const edge = grey.filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return x === 0 || y === 0 || x === width - 1 || y === height - 1
  })
  return edge.sort()[edge.length >> 1] ?? 0
}
