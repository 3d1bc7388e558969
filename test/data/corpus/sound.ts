/** Sounds that are none, say what is not so, or are too much. */
import { chunk, extensible, float32, joinBytes, text, wavBytes, type WavParts } from '../sounds.ts'
import type { HostileCase } from './case.ts'

const good = [
  { name: 'no/1.wav', bytes: wavBytes() },
  { name: 'yes/1.wav', bytes: wavBytes() },
]
const small = { as: 'sequence' } as const

/** A bad file among good ones: it alone is left out. */
function among(name: string, bytes: Uint8Array, ...says: string[]): HostileCase {
  const files = [...good, { name: 'yes/2.wav', bytes }]
  return { name, files, options: small, says, taken: { examples: 2, skipped: 1 } }
}
function wav(name: string, parts: WavParts, ...says: string[]): HostileCase {
  return among(name, wavBytes(parts), ...says)
}
function named(name: string, file: string, bytes: Uint8Array, ...says: string[]): HostileCase {
  const files = [...good, { name: file, bytes }]
  return { name, files, options: small, says, taken: { examples: 2, skipped: 1 } }
}
function refused(
  name: string,
  files: HostileCase['files'],
  options: NonNullable<HostileCase['options']>,
  ...says: string[]
): HostileCase {
  return { name, files, options: { ...small, ...options }, says }
}

const zeros = (count: number) => new Uint8Array(count)
const whole = wavBytes()
const long = Array.from({ length: 1001 }, () => chunk('junk', zeros(0)))

export const cases: readonly HostileCase[] = [
  among('an empty file', zeros(0), 'yes/2.wav is empty; copy it again or leave it out.'),
  among('one byte', text('R'), 'yes/2.wav begins with 0x52, but a WAV file begins with RIFF; leave it out.'),
  among('four letters', text('RIFF'), 'yes/2.wav has 4 bytes, too few for the header of a WAV file; copy it again.'),
  among(
    'a header cut off',
    whole.subarray(0, 11),
    'yes/2.wav has 11 bytes, too few for the header of a WAV file; copy it again.',
  ),
  among(
    'nothing but a header',
    whole.subarray(0, 12),
    'yes/2.wav promises 52 bytes, but has 12; its end is missing, copy it again.',
  ),
  among(
    'a text',
    text('These are words and no sounds.'),
    'yes/2.wav begins with 0x54686573, but a WAV file begins with RIFF; leave it out.',
  ),
  among(
    'an MP3 with tags under another name',
    joinBytes([text('ID3'), zeros(60)]),
    'yes/2.wav is MP3, which cannot be read; convert it to WAV.',
  ),
  among(
    'an MP3 without tags under another name',
    Uint8Array.of(0xff, 0xfb, 0x90, 0x64, 0, 0, 0, 0, 0, 0, 0, 0),
    'yes/2.wav is MP3, which cannot be read; convert it to WAV.',
  ),
  among(
    'an AAC under another name',
    Uint8Array.of(0xff, 0xf1, 0x50, 0x80, 0, 0, 0, 0, 0, 0, 0, 0),
    'yes/2.wav is AAC, which cannot be read; convert it to WAV.',
  ),
  named(
    'an Ogg',
    'yes/2.ogg',
    joinBytes([text('OggS'), zeros(60)]),
    'yes/2.ogg is Ogg, which cannot be read; convert it to WAV.',
  ),
  named(
    'a FLAC',
    'yes/2.flac',
    joinBytes([text('fLaC'), zeros(60)]),
    'yes/2.flac is FLAC, which cannot be read; convert it to WAV.',
  ),
  named(
    'an AIFF',
    'yes/2.aiff',
    joinBytes([text('FORM'), zeros(4), text('AIFF'), zeros(60)]),
    'yes/2.aiff is AIFF, which cannot be read; convert it to WAV.',
  ),
  named(
    'an MPEG-4',
    'yes/2.m4a',
    joinBytes([zeros(4), text('ftypM4A '), zeros(60)]),
    'yes/2.m4a is MPEG-4, which cannot be read; convert it to WAV.',
  ),
  named(
    'an MP3 that is only called so',
    'yes/2.mp3',
    text('not at all an MP3'),
    'yes/2.mp3 is no WAV file but MP3 by its name, which cannot be read; convert it to WAV.',
  ),
  wav(
    'a WAV for more than 4 GB',
    { magic: 'RF64' },
    'yes/2.wav is RF64, a WAV file for more than 4 GB, which cannot be read; save it as plain WAV.',
  ),
  wav(
    'a WAV with its bytes the other way round',
    { magic: 'RIFX' },
    'yes/2.wav is RIFX, a WAV file with its bytes the other way round; save it as plain WAV.',
  ),
  wav('a film', { form: 'AVI ' }, 'yes/2.wav is a RIFF file of the kind "AVI ", not WAVE; leave it out.'),
  wav(
    'a form of control characters',
    { form: '\u0000\u0001\n"' },
    'yes/2.wav is a RIFF file of the kind "\\x00\\x01\\x0a"", not WAVE; leave it out.',
  ),
  wav(
    'a length that lies',
    { riffSize: 4_000_000_000 },
    'yes/2.wav promises 4000000008 bytes, but has 52; its end is missing, copy it again.',
  ),
  among(
    'an end that is missing',
    whole.subarray(0, whole.length - 3),
    'yes/2.wav promises 52 bytes, but has 49; its end is missing, copy it again.',
  ),
  wav(
    'samples that are missing',
    { dataSize: 1000 },
    'yes/2.wav has a data chunk that promises 1000 bytes, but 8 are left; its end is missing, copy it again.',
  ),
  wav(
    'a data chunk of 4 GB',
    { dataSize: 0xffffffff },
    'yes/2.wav has a data chunk that promises 4294967295 bytes, but 8 are left; its end is missing, copy it again.',
  ),
  wav(
    'a data chunk of 0 bytes',
    { body: zeros(0) },
    'yes/2.wav holds no sound: its data chunk is empty; leave it out.',
  ),
  wav(
    'half a sample at the end',
    { body: zeros(7) },
    'yes/2.wav has a data chunk of 7 bytes, which is no multiple of the 2 bytes of a frame; save it again.',
  ),
  wav(
    'no data chunk',
    { withoutData: true },
    'yes/2.wav ends without a data chunk, so there is no sound in it; copy it again.',
  ),
  wav(
    'no fmt chunk',
    { withoutFormat: true },
    'yes/2.wav has its data chunk before any fmt chunk says what it holds; save it again.',
  ),
  wav(
    'samples before it is said what they are',
    { before: [chunk('data', zeros(8))] },
    'yes/2.wav has its data chunk before any fmt chunk says what it holds; save it again.',
  ),
  wav('two fmt chunks', { between: [chunk('fmt ', zeros(16))] }, 'yes/2.wav has two fmt chunks; save it again.'),
  wav(
    'a fmt chunk that is too short',
    { formatBody: zeros(14) },
    'yes/2.wav has a fmt chunk of 14 bytes, but the shortest one has 16; save it again.',
  ),
  wav(
    'a fmt chunk that promises more than the file has',
    { formatSize: 5000 },
    'yes/2.wav has a fmt chunk that promises 5000 bytes, but 32 are left; its end is missing, copy it again.',
  ),
  wav(
    'a list that promises more than the file has',
    { before: [chunk('LIST', zeros(4), 60_000)] },
    'yes/2.wav has a LIST chunk that promises 60000 bytes, but 44 are left; its end is missing, copy it again.',
  ),
  wav(
    'a chunk of odd letters that promises 4 GB',
    { before: [chunk('\u0000\u00ff\u0007"', zeros(4), 0xffffffff)] },
    'yes/2.wav has a "\\x00\\xff\\x07"" chunk that promises 4294967295 bytes, but 44 are left; its end is missing, copy it again.',
  ),
  wav(
    'more chunks than anybody has',
    { before: long },
    'yes/2.wav has more than 1000 chunks before its sound; save it again without them.',
  ),
  wav(
    'no channel',
    { channels: 0, stride: 0 },
    'yes/2.wav says that it has 0 channels, so there is no sound in it; save it again.',
  ),
  wav('a sampling rate of 0', { rate: 0 }, 'yes/2.wav says that it has 0 samples a second; save it again.'),
  wav(
    'a sampling rate beyond all',
    { rate: 0xffffffff },
    'yes/2.wav says that it has 4294967295 samples a second; 768000 are possible at most.',
  ),
  wav(
    'frames of another size',
    { stride: 3 },
    'yes/2.wav says that a frame has 3 bytes, but 1 × 16 bits take 2; save it again.',
  ),
  wav(
    'frames of no size',
    { stride: 0 },
    'yes/2.wav says that a frame has 0 bytes, but 1 × 16 bits take 2; save it again.',
  ),
  wav(
    '65535 channels whose frames overflow',
    { channels: 65_535, stride: 65_534 },
    'yes/2.wav says that a frame has 65534 bytes, but 65535 × 16 bits take 131070; save it again.',
  ),
  wav(
    'samples of 0 bits',
    { bits: 0, stride: 2 },
    'yes/2.wav has integers of 0 bits, but only those of 8, 16, 24 and 32 can be read; convert it.',
  ),
  wav(
    'samples of 12 bits',
    { bits: 12, stride: 2 },
    'yes/2.wav has integers of 12 bits, but only those of 8, 16, 24 and 32 can be read; convert it.',
  ),
  wav(
    'integers of 64 bits',
    { bits: 64 },
    'yes/2.wav has integers of 64 bits, but only those of 8, 16, 24 and 32 can be read; convert it.',
  ),
  wav(
    'floats of 16 bits',
    { format: 3 },
    'yes/2.wav has floats of 16 bits, but only those of 32 and 64 can be read; convert it.',
  ),
  wav(
    'A-law of 16 bits',
    { format: 6 },
    'yes/2.wav has companded samples of 16 bits, but only those of 8 can be read; convert it.',
  ),
  wav(
    'Microsoft ADPCM',
    { format: 2, bits: 4, stride: 256 },
    'yes/2.wav holds Microsoft ADPCM inside, which cannot be read; convert it to PCM.',
  ),
  wav(
    'an MP3 inside a WAV',
    { format: 0x55, bits: 0, stride: 1 },
    'yes/2.wav holds MP3 inside, which cannot be read; convert it to PCM.',
  ),
  wav(
    'a kind that nobody knows',
    { format: 0x1234 },
    'yes/2.wav holds kind 0x1234 inside, which cannot be read; convert it to PCM.',
  ),
  wav(
    'an extensible header that is cut off',
    { formatBody: extensible(1).subarray(0, 24) },
    'yes/2.wav has an extensible fmt chunk of 24 bytes, but it takes 40; save it again.',
  ),
  wav(
    'an extensible header with a GUID of its own',
    { formatBody: extensible(1, { tail: [1, 2, 3] }) },
    'yes/2.wav has samples of an unknown kind (its GUID is not one of PCM); convert it to PCM.',
  ),
  wav(
    'more bits that count than there are',
    { formatBody: extensible(1, { valid: 24 }) },
    'yes/2.wav says that 24 of the 16 bits of a sample count; save it again.',
  ),
  wav(
    'a sample that is no number',
    { format: 3, bits: 32, body: float32([0, NaN, 0, 0]) },
    'yes/2.wav has a sample between byte 44 and 60 that is no number; save it again.',
  ),
  wav(
    'a sample that is infinite',
    { format: 3, bits: 32, body: float32([0, 0, 0, -Infinity]) },
    'yes/2.wav has a sample between byte 44 and 60 that is no number; save it again.',
  ),
  {
    name: 'samples that are far too loud',
    files: [...good, { name: 'yes/2.wav', bytes: wavBytes({ format: 3, bits: 32, body: float32([1e30, 0, 0, 0]) }) }],
    options: small,
    says: ['yes/2.wav has samples of up to 1.00e+30, beyond -1 to 1; they are cut off there.'],
    taken: { examples: 3, repaired: 1 },
  },
  named(
    'a file that lies in no folder',
    '2.wav',
    wavBytes(),
    '2.wav lies in no folder that says its class; put the recordings into one folder for each class and choose the folder around them.',
  ),
  refused(
    'one recording',
    [{ name: '1.wav', bytes: wavBytes() }],
    {},
    '1.wav lies in no folder that says its class; put the recordings into one folder for each class and choose the folder around them.',
  ),
  refused(
    'one recording in a folder',
    [{ name: 'yes/1.wav', bytes: wavBytes() }],
    {},
    'In these files the recording lies in the folder yes; a network needs two classes or more to tell apart, so choose the folder that holds a folder for each.',
  ),
  refused(
    'one folder',
    [good[1] ?? { name: '', bytes: zeros(0) }, { name: 'yes/2.wav', bytes: wavBytes() }],
    {},
    'In these files all 2 recordings lie in the folder yes; a network needs two classes or more to tell apart, so choose the folder that holds a folder for each.',
  ),
  refused(
    'one class of two whose files are all bad',
    [
      { name: 'no/1.wav', bytes: zeros(9) },
      { name: 'yes/1.wav', bytes: wavBytes() },
    ],
    {},
    'no/1.wav begins with 0x00000000, but a WAV file begins with RIFF; leave it out.',
    'In these files the recording lies in the folder yes; a network needs two classes or more to tell apart, so choose the folder that holds a folder for each.',
  ),
  refused(
    'nothing but bad files',
    [
      { name: 'no/1.wav', bytes: zeros(9) },
      { name: 'yes/1.mp3', bytes: text('ID3') },
    ],
    {},
    'no/1.wav begins with 0x00000000, but a WAV file begins with RIFF; leave it out.',
    'yes/1.mp3 is MP3, which cannot be read; convert it to WAV.',
  ),
  refused(
    'a bad file that is not to be skipped',
    [...good, { name: 'yes/2.wav', bytes: zeros(0) }],
    { skip: false },
    'yes/2.wav is empty; copy it again or leave it out.',
  ),
  refused(
    'more folders than classes',
    Array.from({ length: 1001 }, (_, i) => ({ name: `${i}/1.wav`, bytes: whole })),
    {},
    'The recordings lie in 1001 folders, each a class, but 1000 classes are possible; choose fewer folders.',
  ),
  refused(
    'an hour at 192 kHz',
    good,
    { seconds: 3600, rate: 192_000 },
    '2 recordings as sequences of [691200000, 1] take 5.53 GB, but 2.15 GB are possible in all and 100000000 samples in each; choose a length of at most 520.83 s or fewer recordings.',
  ),
  refused(
    'an hour of spectrograms with all frequencies',
    good,
    { as: 'spectrogram', seconds: 3600, rate: 192_000, mels: 0, hop: 1 },
    '2 recordings as spectrograms of [3599969, 4097, 1] take 118 GB, but 2.15 GB are possible in all and 100000000 samples in each; choose a length of at most 65.55 s or fewer recordings.',
  ),
  refused(
    'mel bands between the frequencies',
    good,
    { as: 'spectrogram', mels: 512 },
    'Of 512 mel bands some lie between the frequencies of a frame of 32 ms at 8000 samples a second; choose at most 86 bands or a longer frame.',
  ),
  refused(
    'mel bands of frames of four samples',
    good,
    { as: 'spectrogram', frame: 1, rate: 1000, mels: 20 },
    'Of 20 mel bands some lie between the frequencies of a frame of 1 ms at 1000 samples a second; choose at most 2 bands or a longer frame.',
  ),
]
