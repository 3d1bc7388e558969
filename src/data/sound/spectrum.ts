/**
 * Spectrograms: a recording is cut into frames that overlap, each under a Hann window, and of each frame the power of its
 * frequencies is taken, in decibels: 0 dB is what a sine of full volume has, and nothing is quieter than -100 dB. With mel bands, which are
 * as wide as ears hear them, the powers under triangles are added up before.
 */
const FLOOR = 1e-10

export interface Spectrogram {
  /** Samples of a frame, and from one frame to the next. */
  readonly frame: number
  readonly hop: number
  /** Length of the Fourier transform: the power of 2 that the frame fits in. */
  readonly points: number
  /** Triangles; none where the bins are taken as they are. */
  readonly bands: readonly Band[]
  /** Numbers that come of each frame. */
  readonly bins: number
}

export interface Band {
  readonly first: number
  readonly weights: Float64Array
}

export function spectrogram(frame: number, hop: number, mels: number, rate: number): Spectrogram {
  const points = 2 ** Math.ceil(Math.log2(frame))
  const bands = mels > 0 ? melBands(mels, points, rate) : []
  return { frame, hop, points, bands, bins: mels > 0 ? mels : points / 2 + 1 }
}

/** Frames of a recording: those that lie in it whole; a shorter recording has one, with silence after it. */
export function frameCount({ frame, hop }: Pick<Spectrogram, 'frame' | 'hop'>, samples: number): number {
  return samples <= frame ? 1 : 1 + Math.floor((samples - frame) / hop)
}

/** Frames `from` … `to` - 1 of the recording to `output`, which holds frames × bins. */
export function analyse(
  { frame, hop, points, bands, bins }: Spectrogram,
  samples: Float32Array,
  output: Float32Array,
  from: number,
  to: number,
): void {
  const fourier = fourierOf(points)
  const window = hann(frame)
  let sum = 0
  for (const weight of window) sum += weight
  // A sine of amplitude 1 in the middle of a bin has the magnitude sum / 2 there.
  const scale = (2 / sum) ** 2
  const re = new Float64Array(points)
  const im = new Float64Array(points)
  const power = new Float64Array(points / 2 + 1)
  for (let t = from; t < to; t++) {
    re.fill(0)
    im.fill(0)
    for (let i = 0; i < frame; i++) re[i] = (samples[t * hop + i] ?? 0) * (window[i] as number)
    fourier(re, im)
    for (let k = 0; k < power.length; k++)
      power[k] = scale * ((re[k] as number) * (re[k] as number) + (im[k] as number) * (im[k] as number))
    for (let bin = 0; bin < bins; bin++) {
      let value = power[bin] as number
      const band = bands[bin]
      if (band) {
        value = 0
        for (let k = 0; k < band.weights.length; k++)
          value += (band.weights[k] as number) * (power[band.first + k] as number)
      }
      output[t * bins + bin] = 10 * Math.log10(Math.max(FLOOR, value))
    }
  }
}

/** Periodic, so that frames half a frame apart add up to a constant. */
export function hann(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length))
}

/** O'Shaughnessy's formula (1987). */
const melOf = (frequency: number) => 2595 * Math.log10(1 + frequency / 700)
const frequencyOf = (mel: number) => 700 * (10 ** (mel / 2595) - 1)

/**
 * Triangles of height 1 whose corners are evenly spaced in mel from 0 to half the rate; each begins and ends in the middle of its
 * neighbours. Those at the low end may lie between two bins and hear nothing.
 */
export function melBands(count: number, points: number, rate: number): Band[] {
  const top = melOf(rate / 2)
  const corner = (i: number) => frequencyOf((top * i) / (count + 1))
  const bin = rate / points
  return Array.from({ length: count }, (_, i) => {
    const [left, middle, right] = [corner(i), corner(i + 1), corner(i + 2)]
    const first = Math.max(0, Math.ceil(left / bin))
    const last = Math.min(points / 2, Math.floor(right / bin))
    const weights = Float64Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => {
      const frequency = (first + k) * bin
      return Math.max(0, Math.min((frequency - left) / (middle - left), (right - frequency) / (right - middle)))
    })
    return { first, weights }
  })
}

/** The most mel bands up to `count` of which each hears something. */
export function mostBands(count: number, points: number, rate: number): number {
  for (let n = count; n > 0; n--) {
    if (melBands(n, points, rate).every(({ weights }) => weights.some((weight) => weight > 0))) return n
  }
  return 0
}

type Fourier = (re: Float64Array, im: Float64Array) => void
const transforms = new Map<number, Fourier>()

/** The discrete Fourier transform of `points` complex numbers, a power of 2, in their place (Cooley & Tukey 1965). */
export function fourierOf(points: number): Fourier {
  const known = transforms.get(points)
  if (known) return known
  const bits = Math.log2(points)
  const cos = Float64Array.from({ length: points / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / points))
  const sin = Float64Array.from({ length: points / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / points))
  const order = new Uint32Array(points)
  for (let i = 1; i < points; i++) order[i] = ((order[i >> 1] as number) >> 1) | ((i & 1) << (bits - 1))
  const fourier: Fourier = (re, im) => {
    for (let i = 0; i < points; i++) {
      const j = order[i] as number
      if (j <= i) continue
      const a = re[i] as number
      const b = im[i] as number
      re[i] = re[j] as number
      im[i] = im[j] as number
      re[j] = a
      im[j] = b
    }
    for (let half = 1; half < points; half *= 2) {
      const step = points / (2 * half)
      for (let start = 0; start < points; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = cos[k * step] as number
          const s = sin[k * step] as number
          const p = start + k
          const q = p + half
          const x = re[q] as number
          const y = im[q] as number
          const u = x * c - y * s
          const v = x * s + y * c
          re[q] = (re[p] as number) - u
          im[q] = (im[p] as number) - v
          re[p] = (re[p] as number) + u
          im[p] = (im[p] as number) + v
        }
      }
    }
  }
  transforms.set(points, fourier)
  return fourier
}
