/** Folders of pictures that somebody could have, or could make to do harm. */
import { deflateSync } from 'node:zlib'
import { picture } from '../pictures/fixtures.ts'
import {
  bmp,
  chunk,
  gif,
  greyPng,
  imageHeader,
  joined,
  patched,
  pieces,
  placeOf,
  png,
  rgbPng,
  SIGNATURE,
  text,
  threeBits,
  uint32,
} from '../pictures/make.ts'
import type { HostileCase } from './case.ts'

type Files = HostileCase['files']

const good: Files = ['cats/1.png', 'cats/2.png', 'dogs/1.png', 'dogs/2.png'].map((name, i) => {
  return { name, bytes: greyPng(4, 4, (k) => k * 9 + i) }
})

/** One of five pictures is bad, and said so. */
function among(name: string, says: string, bytes: Uint8Array, file = 'cats/bad.png'): HostileCase {
  return { name, files: [...good, { name: file, bytes }], says: [says], taken: { examples: 4, skipped: 1 } }
}

/** Taken with all of its pictures, but not without a word. */
function noted(
  name: string,
  says: readonly string[],
  more: Files,
  examples = 4 + more.length,
  skipped = 0,
): HostileCase {
  return { name, files: [...good, ...more], says, taken: { examples, skipped } }
}

function refused(name: string, says: readonly string[], files: Files, options?: HostileCase['options']): HostileCase {
  return options ? { name, files, says, options } : { name, files, says }
}

const of = (name: string) => picture(name).bytes
const jpeg = of('jpeg 2x2 33x35')
const progressive = of('jpeg 2x2 33x35 progressive')
const lossy = of('webp lossy 16x16')
const lossless = of('webp lossless 16x16')
const sound = good[0]?.bytes ?? new Uint8Array()
const frame = placeOf(jpeg, [0xff, 0xc0])
const scan = placeOf(jpeg, [0xff, 0xda])
const tables = placeOf(jpeg, [0xff, 0xc4])
const firstScan = placeOf(progressive, [0xff, 0xda])
/** With what lies between it and the next marker, and that is no marker itself. */
const oneScan = progressive.subarray(
  firstScan,
  progressive.findIndex((byte, i) => i > firstScan + 2 && byte === 0xff && progressive[i + 1] !== 0),
)
const zeros = (size: number) => new Uint8Array(size)
const file = (name: string, letters: string) => ({ name, bytes: text(letters) })
const sixteen = Uint8Array.from({ length: 48 }, (_, i) => i * 5)
const four = Uint8Array.of(0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 9, 9, 9, 0)
const riff = (...parts: readonly Uint8Array[]) =>
  joined(text('RIFF'), uint32(4 + joined(...parts).length, true), text('WEBP'), ...parts)
const part = (type: string, data: readonly number[]) => joined(text(type), uint32(data.length, true), data)
/** A packed BMP of 4 × 4 with 8 bits and four colours. */
const rle8 = (pixels: readonly number[]) =>
  bmp({ width: 4, height: 4, bits: 8, packing: 1, palette: four, pixels: Uint8Array.from(pixels) })
/** A bomb: zeros that are zipped to a thousandth. */
const zippedZeros = (bytes: number) => deflateSync(zeros(bytes), { level: 9 })

export const cases: readonly HostileCase[] = [
  // Bombs
  among(
    'a PNG bomb of 14,000 × 14,000',
    'cats/bad.png is too large: its header says 14000 × 14000 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    joined(
      SIGNATURE,
      imageHeader({ width: 14_000, height: 14_000 }),
      chunk('IDAT', zippedZeros(20_000_000)),
      chunk('IEND'),
    ),
  ),
  among(
    'a PNG whose pixels unzip to more than its header says',
    'cats/bad.png holds more pixels than the 4 × 4 that its header says; save it as PNG again.',
    png({ width: 4, height: 4, zipped: zippedZeros(10_000_000) }),
  ),
  among(
    'a PNG with one row too many',
    'cats/bad.png holds more pixels than the 4 × 4 that its header says; save it as PNG again.',
    png({ width: 4, height: 4, raw: zeros(25) }),
  ),
  among(
    'a PNG with rows enough, but one byte too many',
    'cats/bad.png holds more pixels than the 4 × 4 that its header says; save it as PNG again.',
    png({ width: 4, height: 4, raw: zeros(21) }),
  ),
  among(
    'a PNG that claims more pixels than its bytes can unzip to',
    'cats/bad.png is cut off: 17 bytes of zipped pixels cannot be 8000 × 8000; get it again.',
    png({ width: 8000, height: 8000, zipped: zippedZeros(1000) }),
  ),
  noted(
    'a PNG with a bomb for a colour profile',
    [],
    [
      {
        name: 'cats/icc.png',
        bytes: png({ width: 4, height: 4, before: [chunk('iCCP', joined(text('x\0\0'), zippedZeros(50_000_000)))] }),
      },
    ],
  ),
  noted(
    'a PNG with a bomb for a comment',
    ['1 picture is an exact copy of another one.'],
    [
      {
        name: 'cats/text.png',
        bytes: png({
          width: 4,
          height: 4,
          before: [chunk('zTXt', joined(text('Comment\0\0'), zippedZeros(50_000_000)))],
        }),
      },
      {
        name: 'cats/twin.png',
        bytes: png({
          width: 4,
          height: 4,
          before: [chunk('zTXt', joined(text('Comment\0\0'), zippedZeros(50_000_000)))],
        }),
      },
    ],
  ),
  among(
    'a JPEG of 65,535 × 65,535',
    'cats/bad.jpg is too large: its header says 65535 × 65535 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    patched(jpeg, frame + 5, 255, 255, 255, 255),
    'cats/bad.jpg',
  ),
  among(
    'a small JPEG that claims 8000 × 8000',
    'cats/bad.jpg is cut off: 1052 bytes cannot be 8000 × 8000 pixels; get it again.',
    patched(jpeg, frame + 5, 31, 64, 31, 64),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with a hundred scans and one',
    'cats/bad.jpg has more than 100 scans; save it as JPEG again.',
    joined(progressive.subarray(0, firstScan), ...Array<Uint8Array>(101).fill(oneScan), [0xff, 0xd9]),
    'cats/bad.jpg',
  ),
  among(
    'a WebP of 16,384 × 16,384',
    'cats/bad.webp is too large: its header says 16384 × 16384 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    riff(part('VP8X', [0, 0, 0, 0, 255, 63, 0, 255, 63, 0]), part('VP8L', [0x2f, 255, 255, 255, 15, 0, 0, 0, 0, 0])),
    'cats/bad.webp',
  ),
  among(
    'a BMP of 30,000 × 30,000',
    'cats/bad.bmp is too large: its header says 30000 × 30000 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    bmp({ width: 30_000, height: 30_000, bits: 1, palette: four.subarray(0, 8), pixels: zeros(10) }),
    'cats/bad.bmp',
  ),
  among(
    'a PNG that is wider than any',
    'cats/bad.png is too large: its header says 20000 × 1 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    png({ width: 20_000, height: 1 }),
  ),
  // Sizes that are none
  among(
    'a PNG without width',
    'cats/bad.png has no pixel: its header says 0 × 4 pixels; get it again.',
    png({ width: 0, height: 4 }),
  ),
  among(
    'a JPEG without height',
    'cats/bad.jpg has no pixel: its header says 33 × 0 pixels; get it again.',
    patched(jpeg, frame + 5, 0, 0),
    'cats/bad.jpg',
  ),
  among(
    'a BMP of negative width',
    'cats/bad.bmp has no pixel: its header says 0 × 4 pixels; get it again.',
    bmp({ width: -4, height: 4, bits: 24, pixels: zeros(64) }),
    'cats/bad.bmp',
  ),
  among(
    'a lossy WebP without width',
    'cats/bad.webp has no pixel: its header says 0 × 16 pixels; get it again.',
    patched(lossy, placeOf(lossy, [0x9d, 0x01, 0x2a]) + 3, 0, 0),
    'cats/bad.webp',
  ),
  // Cut off
  among('nothing at all', 'cats/bad.png is empty (0 bytes); get it again.', zeros(0)),
  among(
    'a PNG that is only a signature',
    'cats/bad.png is cut off: its header is not complete; get it again.',
    SIGNATURE,
  ),
  among(
    'half a PNG',
    'cats/bad.png is cut off: its end mark (IEND) is missing; get it again.',
    sound.subarray(0, sound.length >> 1),
  ),
  among(
    'a PNG without its end mark',
    'cats/bad.png is cut off: its end mark (IEND) is missing; get it again.',
    sound.subarray(0, -12),
  ),
  among(
    'a PNG without its last byte',
    'cats/bad.png is cut off: its end mark (IEND) is missing; get it again.',
    sound.subarray(0, -1),
  ),
  among(
    'a PNG with too few rows',
    'cats/bad.png is cut off: its pixels end in row 3 of 4; get it again.',
    png({ width: 4, height: 4, raw: zeros(12) }),
  ),
  among(
    'an interlaced PNG with too few rows',
    'cats/bad.png is cut off: its pixels end before all of them came; get it again.',
    png({ width: 4, height: 4, interlace: 1, raw: zeros(12) }),
  ),
  among(
    'a PNG without pixels',
    'cats/bad.png is cut off: 0 bytes of zipped pixels cannot be 4 × 4; get it again.',
    joined(SIGNATURE, imageHeader({ width: 4, height: 4 }), chunk('IEND')),
  ),
  among(
    'half a JPEG',
    'cats/bad.jpg is cut off: its pixels end before all of them came; get it again.',
    jpeg.subarray(0, scan + 100),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG without its end mark',
    'cats/bad.jpg is cut off: its end mark (EOI) is missing; get it again.',
    jpeg.subarray(0, -2),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG that is cut within its header',
    'cats/bad.jpg is cut off: its header is not complete; get it again.',
    jpeg.subarray(0, frame + 8),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG whose pixels are cut out',
    'cats/bad.jpg is damaged: its pixels make no sense around byte 709; get it again.',
    joined(jpeg.subarray(0, scan + 100), [0xff, 0xd9]),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG without any scan',
    'cats/bad.jpg is cut off: it ends before all of its colours came; get it again.',
    joined(jpeg.subarray(0, scan), [0xff, 0xd9]),
    'cats/bad.jpg',
  ),
  among(
    'half a progressive JPEG',
    'cats/bad.jpg is cut off: its end mark (EOI) is missing; get it again.',
    progressive.subarray(0, progressive.length >> 1),
    'cats/bad.jpg',
  ),
  among(
    'half a lossy WebP',
    'cats/bad.webp is cut off: it should have 116 bytes, but has 58; get it again.',
    lossy.subarray(0, lossy.length >> 1),
    'cats/bad.webp',
  ),
  among(
    'half a lossless WebP',
    'cats/bad.webp is cut off: it should have 918 bytes, but has 459; get it again.',
    lossless.subarray(0, lossless.length >> 1),
    'cats/bad.webp',
  ),
  among(
    'half a WebP whose header was mended',
    'cats/bad.webp is damaged: its pixels cannot be decoded; get it again.',
    riff(part('VP8L', [...lossless.subarray(20, 60)])),
    'cats/bad.webp',
  ),
  among(
    'half a BMP',
    'cats/bad.bmp is cut off: its pixels take 102 bytes, but it has 74; get it again.',
    bmp({ width: 4, height: 4, bits: 24, pixels: zeros(20) }),
    'cats/bad.bmp',
  ),
  among(
    'a BMP that is only a header',
    'cats/bad.bmp is cut off: its header is not complete; get it again.',
    bmp({ width: 4, height: 4, bits: 24 }).subarray(0, 30),
    'cats/bad.bmp',
  ),
  // Damaged
  among(
    'a PNG with a wrong checksum of its pixels',
    'cats/bad.png is damaged: the checksum of its chunk IDAT at byte 33 is wrong; get it again.',
    patched(sound, placeOf(sound, 'IDAT') + 7, 255),
  ),
  among(
    'a PNG with a wrong checksum of its header',
    'cats/bad.png is damaged: the checksum of its chunk IHDR at byte 8 is wrong; get it again.',
    patched(sound, 19, 5),
  ),
  among(
    'a PNG with garbage between its chunks',
    'cats/bad.png is damaged: at byte 33 a chunk should begin; get it again.',
    joined(sound.subarray(0, 33), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14], sound.subarray(33)),
  ),
  among(
    'a PNG with a chunk of 2 GB',
    'cats/bad.png is cut off: its end mark (IEND) is missing; get it again.',
    joined(sound.subarray(0, 33), uint32(0x7fffffff), text('tEXt'), zeros(20)),
  ),
  among(
    'a PNG with two headers',
    'cats/bad.png has two headers (IHDR); save it as PNG again.',
    png({ width: 4, height: 4, before: [imageHeader({ width: 9, height: 9 })] }),
  ),
  among(
    'a PNG without header',
    'cats/bad.png begins with the chunk IDAT, not with IHDR; save it as PNG again.',
    joined(SIGNATURE, chunk('IDAT', deflateSync(zeros(20))), chunk('IEND')),
  ),
  among(
    'a PNG with an unknown chunk that matters',
    'cats/bad.png needs the chunk QUAX, which is no part of PNG as it is read here; save it as PNG again.',
    png({ width: 4, height: 4, before: [chunk('QUAX', zeros(3))] }),
  ),
  among(
    "a PNG of Apple's kind",
    "cats/bad.png begins with the chunk CgBI (Apple's own variant of PNG), not with IHDR; save it as PNG again.",
    joined(SIGNATURE, chunk('CgBI', zeros(4)), sound.subarray(8)),
  ),
  among(
    'a PNG with 3 bits',
    'cats/bad.png says colour type 0 with 3 bits, which PNG does not have; save it as PNG again.',
    png({ width: 4, height: 4, depth: 3 }),
  ),
  among(
    'a PNG with colour type 5',
    'cats/bad.png says colour type 5 with 8 bits, which PNG does not have; save it as PNG again.',
    png({ width: 4, height: 4, type: 5 }),
  ),
  among(
    'a PNG with interlace method 2',
    'cats/bad.png says compression 0, filter 0 and interlace 2, which PNG does not have; save it as PNG again.',
    png({ width: 4, height: 4, interlace: 2 }),
  ),
  among(
    'a PNG with filter 9',
    'cats/bad.png is damaged: row 2 has filter 9, which PNG does not have; get it again.',
    png({ width: 4, height: 4, raw: patched(zeros(20), 5, 9) }),
  ),
  among(
    'a PNG whose pixels are not zipped',
    'cats/bad.png is damaged: its pixels are not zipped as PNG zips them; get it again.',
    png({ width: 4, height: 4, zipped: zeros(20) }),
  ),
  among(
    'a PNG whose zipped pixels are garbage',
    'cats/bad.png is damaged: its pixels cannot be unzipped; get it again.',
    png({ width: 4, height: 4, zipped: Uint8Array.of(0x78, 0x9c, 0xff, 0xff, 0xff, 0, 1, 2) }),
  ),
  among(
    'a palette PNG without palette',
    'cats/bad.png has no palette (PLTE); save it as PNG again.',
    png({ width: 4, height: 4, type: 3 }),
  ),
  among(
    'a palette PNG with a palette of 4 bytes',
    'cats/bad.png has a palette of 4 bytes, but it must be 1 to 256 colours of 3; save it as PNG again.',
    png({ width: 4, height: 4, type: 3, before: [chunk('PLTE', zeros(4))] }),
  ),
  among(
    'a palette PNG that uses a colour it has not',
    'cats/bad.png is damaged: it uses colour 17 of a palette of 16; save it as PNG again.',
    png({ width: 4, height: 4, type: 3, before: [chunk('PLTE', sixteen)], raw: patched(zeros(20), 7, 16) }),
  ),
  among(
    'a PNG whose transparent colour is half there',
    'cats/bad.png has a transparent colour (tRNS) that is not complete; save it as PNG again.',
    png({ width: 4, height: 4, type: 2, before: [chunk('tRNS', zeros(4))] }),
  ),
  among(
    'a JPEG with garbage in its pixels',
    'cats/bad.jpg is damaged: its pixels make no sense around byte 684; get it again.',
    patched(jpeg, scan + 60, ...Array.from({ length: 60 }, (_, i) => (i % 2 ? 0xfe : 0xef))),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with a marker in its pixels',
    'cats/bad.jpg is damaged: its pixels make no sense around byte 669; get it again.',
    patched(jpeg, scan + 60, 0xff, 0xd3),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG without Huffman tables',
    'cats/bad.jpg is damaged: its scan at byte 177 needs a Huffman table that is missing; get it again.',
    joined(jpeg.subarray(0, tables), jpeg.subarray(scan)),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with a Huffman table that cannot be',
    'cats/bad.jpg is damaged: its Huffman table at byte 177 makes no sense; get it again.',
    patched(jpeg, tables + 5, 255, 255),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG without quantization tables',
    'cats/bad.jpg is damaged: its scan at byte 471 needs a quantization table that is missing; get it again.',
    joined(jpeg.subarray(0, placeOf(jpeg, [0xff, 0xdb])), jpeg.subarray(frame)),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG whose scan has a colour that its frame has not',
    'cats/bad.jpg is damaged: its scan at byte 609 has a colour that the frame has not; get it again.',
    patched(jpeg, scan + 5, 77),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with two frames',
    'cats/bad.jpg is damaged: a second frame begins at byte 177; get it again.',
    joined(jpeg.subarray(0, tables), jpeg.subarray(frame, tables), jpeg.subarray(tables)),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with a segment of no length',
    'cats/bad.jpg is damaged: the segment at byte 2 has no length; get it again.',
    joined(jpeg.subarray(0, 2), [0xff, 0xe5, 0, 0], jpeg.subarray(2)),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with restarts out of order',
    'cats/bad.jpg is damaged: its pixels make no sense around byte 758; get it again.',
    patched(of('jpeg restarts'), placeOf(of('jpeg restarts'), [0xff, 0xd0]) + 1, 0xd5),
    'cats/bad.jpg',
  ),
  among(
    'a WebP without a picture',
    'cats/bad.webp is damaged: it holds no picture (VP8 or VP8L); get it again.',
    riff(part('ICCP', [...zeros(40)])),
    'cats/bad.webp',
  ),
  among(
    'a WebP with another size than its header says',
    'cats/bad.webp is damaged: its header says 10 × 10 pixels, its picture 16 × 16; save it again.',
    riff(part('VP8X', [0, 0, 0, 0, 9, 0, 0, 9, 0, 0]), lossless.subarray(12)),
    'cats/bad.webp',
  ),
  among(
    'a lossless WebP of garbage',
    'cats/bad.webp is damaged: its pixels cannot be decoded; get it again.',
    patched(lossless, 26, ...Array.from({ length: 40 }, (_, i) => (i * 89) & 255)),
    'cats/bad.webp',
  ),
  among(
    'a lossy WebP that is no key frame',
    'cats/bad.webp is damaged: its part "VP8 " at byte 12 makes no sense; get it again.',
    patched(lossy, 20, 0x31),
    'cats/bad.webp',
  ),
  among(
    'a BMP with a header of 999 bytes',
    'cats/bad.bmp has a header of 153 bytes, which BMP does not have; save it as BMP again.',
    patched(bmp({ width: 4, height: 4, bits: 24 }), 14, 0x99),
    'cats/bad.bmp',
  ),
  among(
    'a BMP with 7 bits',
    'cats/bad.bmp says 7 bits a pixel with packing 0, which BMP does not have; save it as BMP again.',
    bmp({ width: 4, height: 4, bits: 7 }),
    'cats/bad.bmp',
  ),
  among(
    'a BMP that uses a colour it has not',
    'cats/bad.bmp is damaged: it uses colour 5 of a palette of 4; save it as BMP again.',
    bmp({ width: 4, height: 4, bits: 8, palette: four, pixels: zeros(16).fill(4) }),
    'cats/bad.bmp',
  ),
  among(
    'a BMP whose pixels begin within its header',
    'cats/bad.bmp says that its pixels begin at byte 20, within its header; save it as BMP again.',
    patched(bmp({ width: 4, height: 4, bits: 24 }), 10, 20),
    'cats/bad.bmp',
  ),
  among(
    'a BMP with masks that make no sense',
    'cats/bad.bmp has masks for its colours that make no sense; save it as BMP again.',
    patched(bmp({ width: 4, height: 4, bits: 32, packing: 3, palette: four.subarray(0, 12) }), 54, 5, 0, 1, 0),
    'cats/bad.bmp',
  ),
  // GIF
  among(
    'a GIF without a picture',
    'cats/bad.gif holds no picture; get it again.',
    joined(text('GIF89a'), [1, 0, 1, 0, 0, 0, 0, 0x3b]),
    'cats/bad.gif',
  ),
  among(
    'a GIF that is only a header',
    'cats/bad.gif is cut off: its header is not complete; get it again.',
    joined(text('GIF89a'), [4, 0, 4]),
    'cats/bad.gif',
  ),
  among(
    'a GIF whose palette is cut',
    'cats/bad.gif is cut off: its palette is not complete; get it again.',
    joined(text('GIF89a'), [4, 0, 4, 0, 0xf7, 0, 0], zeros(100)),
    'cats/bad.gif',
  ),
  among(
    'a GIF that is cut before its picture',
    'cats/bad.gif is cut off: it ends before its picture; get it again.',
    gif({ width: 4, height: 4 }).subarray(0, 30),
    'cats/bad.gif',
  ),
  among(
    'half a GIF',
    'cats/bad.gif is cut off: its pixels end in row 3 of 4; get it again.',
    gif({ width: 4, height: 4 }).subarray(0, 13 + 12 + 10 + 2 + 5),
    'cats/bad.gif',
  ),
  among(
    'a GIF bomb of 65,535 × 65,535',
    'cats/bad.gif is too large: its header says 65535 × 65535 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    gif({ width: 65_535, height: 65_535, pixels: [0] }),
    'cats/bad.gif',
  ),
  among(
    'a GIF with a canvas of 65,535 × 65,535 for four pixels',
    'cats/bad.gif is too large: its header says 65535 × 65535 pixels, but at most 16384 a side and 67 million in all are read; make it smaller.',
    gif({ width: 2, height: 2, screen: [65_535, 65_535] }),
    'cats/bad.gif',
  ),
  among(
    'a GIF of 16,384 × 4,096 in a few bytes',
    'cats/bad.gif is cut off: 3 bytes of packed pixels cannot be 16384 × 4096; get it again.',
    gif({ width: 16_384, height: 4096, pixels: [0, 0, 0] }),
    'cats/bad.gif',
  ),
  among(
    'a GIF with a frame of no pixel',
    'cats/bad.gif has no pixel: its header says 0 × 4 pixels; get it again.',
    gif({ width: 0, height: 4, screen: [4, 4] }),
    'cats/bad.gif',
  ),
  among(
    'a GIF without a palette',
    'cats/bad.gif is damaged: it has no palette; save it as GIF again.',
    gif({ width: 4, height: 4, palette: zeros(0) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF that uses a colour it has not',
    'cats/bad.gif is damaged: it uses colour 4 of a palette of 2; save it as GIF again.',
    gif({ width: 2, height: 2, palette: zeros(6), pixels: [0, 1, 3, 0] }),
    'cats/bad.gif',
  ),
  among(
    'a GIF of 12 bits a colour',
    'cats/bad.gif says 12 bits a colour, which GIF does not have; save it as GIF again.',
    gif({ width: 2, height: 2, packed: joined([12], pieces(zeros(8))) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF that begins with a code for a run',
    'cats/bad.gif is damaged: its packed pixels use code 6 before there is one; save it as GIF again.',
    gif({ width: 2, height: 2, packed: joined([2], pieces(threeBits([4, 6, 0, 0, 0]))) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF with a code that is not there yet',
    'cats/bad.gif is damaged: its packed pixels use code 7 before there is one; save it as GIF again.',
    gif({ width: 2, height: 2, packed: joined([2], pieces(threeBits([4, 0, 7, 0]))) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF that ends its pixels early',
    'cats/bad.gif is damaged: its pixels end in row 1 of 2; save it as GIF again.',
    gif({ width: 2, height: 2, packed: joined([2], pieces(threeBits([4, 0, 5]))) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF that forgets all over and over',
    'cats/bad.gif is damaged: its pixels end in row 1 of 2; save it as GIF again.',
    gif({ width: 2, height: 2, packed: joined([2], pieces(threeBits(new Array<number>(100_000).fill(4)))) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF with something else between its parts',
    'cats/bad.gif is damaged: what begins at byte 25 is no part of a GIF; save it as GIF again.',
    gif({ width: 2, height: 2, before: Uint8Array.of(0x99) }),
    'cats/bad.gif',
  ),
  among(
    'a GIF with notes that do not end',
    'cats/bad.gif is cut off: it ends before its picture; get it again.',
    joined(
      text('GIF89a'),
      [4, 0, 4, 0, 0, 0, 0, 0x21, 0xfe],
      ...Array.from({ length: 1000 }, () => joined([255], zeros(255))),
    ),
    'cats/bad.gif',
  ),
  noted(
    'a GIF with blanks between its parts',
    [],
    [{ name: 'cats/3.gif', bytes: gif({ width: 4, height: 4, before: zeros(3), behind: zeros(1000) }) }],
  ),
  noted(
    'a GIF that is called PNG, and one that moves',
    [
      '1 picture is of another format than the name says: cats/3.png (GIF).',
      'Of 1 picture that moves only the first frame is taken: cats/4.gif.',
    ],
    [
      { name: 'cats/3.png', bytes: gif({ width: 4, height: 4 }) },
      {
        name: 'cats/4.gif',
        bytes: gif({ width: 4, height: 4, pixels: new Array<number>(16).fill(1), behind: Uint8Array.of(0x2c) }),
      },
    ],
  ),

  // Packed BMP
  among(
    'a packed BMP that steps out of its picture',
    'cats/bad.bmp is damaged: at byte 72 its pixels step out of the 4 × 4 that its header says; save it as BMP again.',
    rle8([2, 1, 0, 2, 3, 0]),
    'cats/bad.bmp',
  ),
  among(
    'a packed BMP that steps beyond its last row',
    'cats/bad.bmp is damaged: at byte 70 its pixels step out of the 4 × 4 that its header says; save it as BMP again.',
    rle8([0, 2, 0, 4]),
    'cats/bad.bmp',
  ),
  among(
    'a packed BMP that ends in the middle',
    'cats/bad.bmp is cut off: its packed pixels end in row 2 of 4, counted from the bottom; get it again.',
    rle8([4, 1, 0, 0, 2, 1]),
    'cats/bad.bmp',
  ),
  among(
    'a packed BMP whose stretch goes beyond its end',
    'cats/bad.bmp is cut off: its packed pixels end in row 1 of 4, counted from the bottom; get it again.',
    rle8([0, 200, 1, 2]),
    'cats/bad.bmp',
  ),
  among(
    'a packed BMP that uses a colour it has not',
    'cats/bad.bmp is damaged: it uses colour 10 of a palette of 4; save it as BMP again.',
    rle8([4, 1, 0, 0, 3, 9, 0, 1]),
    'cats/bad.bmp',
  ),
  among(
    'a packed BMP bomb',
    'cats/bad.bmp is cut off: 6 bytes of packed pixels cannot be 16000 × 4000; get it again.',
    bmp({ width: 16_000, height: 4000, bits: 8, packing: 1, palette: four, pixels: Uint8Array.of(0, 2, 9, 9, 0, 1) }),
    'cats/bad.bmp',
  ),
  among(
    'a packed BMP from the top down, which there is not',
    'cats/bad.bmp says 8 bits a pixel with packing 1, which BMP does not have; save it as BMP again.',
    bmp({ width: 4, height: -4, bits: 8, packing: 1, palette: four, pixels: zeros(16) }),
    'cats/bad.bmp',
  ),
  among(
    'a BMP of 8 bits that is packed as 4',
    'cats/bad.bmp says 8 bits a pixel with packing 2, which BMP does not have; save it as BMP again.',
    bmp({ width: 4, height: 4, bits: 8, packing: 2, palette: four, pixels: zeros(16) }),
    'cats/bad.bmp',
  ),
  noted(
    'packed BMPs: nothing but an end mark, runs beyond the end of a row, no end mark',
    [],
    [
      { name: 'cats/end.bmp', bytes: rle8([0, 1]) },
      {
        name: 'cats/long.bmp',
        bytes: rle8([255, 1, 0, 0, 255, 2, 0, 0, 0, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1]),
      },
      { name: 'cats/open.bmp', bytes: rle8([4, 1, 0, 0, 4, 2, 0, 0, 4, 1, 0, 0, 4, 3]) },
    ],
  ),
  // Pictures that move
  noted(
    'pictures that move',
    ['Of 2 pictures that move only the first frame is taken: cats/bad.webp, cats/bird.png.'],
    [
      { name: 'cats/bad.webp', bytes: of('webp moving RGB lossy') },
      { name: 'cats/bird.png', bytes: png({ width: 4, height: 4, before: [chunk('acTL', zeros(8))] }) },
    ],
  ),
  among(
    'a WebP that moves and has no frame',
    'cats/bad.webp is damaged: it holds no picture (VP8 or VP8L); get it again.',
    riff(part('VP8X', [2, 0, 0, 0, 15, 0, 0, 15, 0, 0]), part('ANIM', [...zeros(6)])),
    'cats/bad.webp',
  ),
  among(
    'a WebP that moves, whose first frame is empty',
    'cats/bad.webp is damaged: its part "ANMF" at byte 44 makes no sense; get it again.',
    riff(part('VP8X', [2, 0, 0, 0, 15, 0, 0, 15, 0, 0]), part('ANIM', [...zeros(6)]), part('ANMF', [...zeros(16)])),
    'cats/bad.webp',
  ),
  among(
    'a WebP that moves, whose first frame lies beside its canvas',
    'cats/bad.webp is damaged: its part "ANMF" at byte 44 makes no sense; get it again.',
    patched(of('webp moving in a corner'), 52, 40),
    'cats/bad.webp',
  ),
  among(
    'a WebP that moves, whose first frame has another size than it says',
    'cats/bad.webp is damaged: its part "ANMF" at byte 44 makes no sense; get it again.',
    patched(of('webp moving in a corner'), 58, 6),
    'cats/bad.webp',
  ),
  among(
    'a WebP that moves, with garbage for its first frame',
    'cats/bad.webp is damaged: its pixels cannot be decoded; get it again.',
    patched(of('webp moving in a corner lossless'), 86, ...Array.from({ length: 40 }, (_, i) => (i * 89) & 255)),
    'cats/bad.webp',
  ),
  // All pixels, and another checksum of them
  noted(
    'PNGs that were zipped without a right checksum',
    [
      '2 PNGs have all pixels, but not with the checksum that the file says (Adler-32); look whether they are right: cats/bad.png, dogs/bad.png.',
    ],
    ['cats', 'dogs'].map((folder, i) => ({
      name: `${folder}/bad.png`,
      bytes: png({
        width: 4,
        height: 4,
        zipped: patched(deflateSync(zeros(20)), deflateSync(zeros(20)).length - 1, i + 2),
      }),
    })),
  ),
  // Of kinds that are not read
  among(
    'a JPEG with 12 bits',
    'cats/bad.jpg has 12 bits a colour, but only JPEG with 8 is read; save it with 8 bits.',
    patched(jpeg, frame + 4, 12),
    'cats/bad.jpg',
  ),
  among(
    'an arithmetic-coded JPEG',
    'cats/bad.jpg is a JPEG of a kind that is not read (arithmetic-coded); save it as ordinary JPEG.',
    patched(jpeg, frame + 1, 0xc9),
    'cats/bad.jpg',
  ),
  among(
    'a lossless JPEG',
    'cats/bad.jpg is a JPEG of a kind that is not read (lossless); save it as ordinary JPEG.',
    patched(jpeg, frame + 1, 0xc3),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG whose height comes later',
    'cats/bad.jpg says its height after its pixels (DNL), which is not read; save it as JPEG again.',
    joined(jpeg.subarray(0, scan), [0xff, 0xdc, 0, 4, 0, 35], jpeg.subarray(scan)),
    'cats/bad.jpg',
  ),
  among(
    'a JPEG with colours sampled 3 to 2',
    'cats/bad.jpg samples its colours 2 × 1 to 3 × 2, which is not read; save it as JPEG again.',
    patched(patched(jpeg, frame + 11, 0x32), frame + 14, 0x21),
    'cats/bad.jpg',
  ),
  among(
    'a PNG in a BMP',
    'cats/bad.bmp is a PNG in a BMP, which is not read; save it as PNG.',
    bmp({ width: 4, height: 4, bits: 24, packing: 5 }),
    'cats/bad.bmp',
  ),
  among(
    'an SVG with a script',
    'cats/bad.svg is an SVG, which holds shapes and no pixels; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    'cats/bad.svg',
  ),
  among(
    'an SVG that is called PNG',
    'cats/bad.png is an SVG, which holds shapes and no pixels; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    text('<svg viewBox="0 0 1 1"><image href="file:///etc/passwd"/></svg>'),
  ),
  among(
    'an AVIF',
    'cats/bad.avif is an AVIF; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    joined([0, 0, 0, 28], text('ftypavif'), zeros(20)),
    'cats/bad.avif',
  ),
  among(
    'a HEIC from a telephone',
    'cats/bad.heic is a HEIF (HEIC); PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    joined([0, 0, 0, 28], text('ftypheic'), zeros(20)),
    'cats/bad.heic',
  ),
  among(
    'a TIFF',
    'cats/bad.tif is a TIFF; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    joined(text('II*\0'), zeros(20)),
    'cats/bad.tif',
  ),
  among(
    'an icon',
    'cats/bad.ico is an icon (ICO); PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    joined([0, 0, 1, 0, 1, 0], zeros(20)),
    'cats/bad.ico',
  ),
  among(
    'a PDF that is called JPEG',
    'cats/bad.jpg is a PDF; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    text('%PDF-1.7 and so on'),
    'cats/bad.jpg',
  ),
  // Of no kind
  among(
    'a web page that is called JPEG',
    'cats/bad.jpg is a web page (HTML) and no picture, perhaps the message of a failed download; get it again.',
    text('<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>'),
    'cats/bad.jpg',
  ),
  among(
    'a message that is called JPEG',
    'cats/bad.jpg is text and no picture; get it again.',
    text('{"error": "rate limit exceeded"}'),
    'cats/bad.jpg',
  ),
  among(
    'a pointer of Git LFS',
    'cats/bad.jpg only says where Git LFS keeps the picture; run `git lfs pull` in its folder.',
    text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
    'cats/bad.jpg',
  ),
  among('zeros that are called PNG', 'cats/bad.png holds nothing but zeros; get it again.', zeros(1000)),
  among(
    'noise that is called PNG',
    'cats/bad.png is no picture that is known here (its first bytes are 05 4E 97 E0); PNG, JPEG, WebP, GIF and BMP are read.',
    Uint8Array.from({ length: 500 }, (_, i) => (i * 73 + 5) & 255),
  ),
  // Names and folders
  noted(
    'a JPEG that is called PNG',
    ['1 picture is of another format than the name says: cats/3.png (JPEG).'],
    [{ name: 'cats/3.png', bytes: jpeg }],
  ),
  noted('a picture without ending', [], [{ name: 'cats/3', bytes: rgbPng(4, 4, (i) => i) }]),
  noted(
    'what systems leave in folders',
    [],
    ['.DS_Store', 'cats/Thumbs.db', 'dogs/desktop.ini', 'dogs/._1.png', '__MACOSX/cats/1.png'].map((name) =>
      file(name, 'x'),
    ),
    4,
  ),
  noted(
    'files that are no pictures',
    ['3 files are no pictures: cats/notes.txt, README.md, cats/1.json.'],
    [file('cats/notes.txt', 'tabby'), file('README.md', '# cats'), file('cats/1.json', '{}')],
    4,
  ),
  noted(
    'a folder for a class without pictures',
    ['1 file is no picture: birds/notes.txt.', 'Folder without a picture that can be read, hence no class: birds.'],
    [file('birds/notes.txt', 'none yet')],
    4,
  ),
  noted(
    'a folder for a class whose pictures are all bad',
    [
      'birds/1.png is text and no picture; get it again.',
      'Folder without a picture that can be read, hence no class: birds.',
    ],
    [file('birds/1.png', 'no'), file('birds/2.png', '')].slice(0, 1),
    4,
    1,
  ),
  noted(
    'classes that differ in capital letters',
    ['Classes Cats and cats differ in capital letters only; are they one?'],
    [{ name: 'Cats/1.png', bytes: greyPng(4, 4, (i) => i) }],
  ),
  noted(
    'a picture beside the folders of the classes',
    ['3.png lies in no folder that names its class; move it into one.'],
    [{ name: '3.png', bytes: greyPng(4, 4, (i) => i) }],
    4,
    1,
  ),
  noted(
    'a path that leads out of the folder',
    ['cats/../../../etc/3.png has a path that no folder has; rename it.'],
    [{ name: 'cats/../../../etc/3.png', bytes: greyPng(4, 4, (i) => i) }],
    4,
    1,
  ),
  noted(
    'a path with empty steps',
    ['cats//3.png has a path that no folder has; rename it.'],
    [{ name: 'cats//3.png', bytes: greyPng(4, 4, (i) => i) }],
    4,
    1,
  ),
  noted(
    'odd letters in names',
    [],
    [{ name: 'cats/<img src=x onerror=alert(1)>\u202e.png', bytes: greyPng(4, 4, (i) => 200 - i) }],
  ),
  noted('copies', ['1 picture is an exact copy of another one.'], [{ name: 'cats/3.png', bytes: sound }]),
  noted(
    'copies with another class',
    [
      '1 picture is an exact copy of another one.',
      '1 copy has another label than the picture itself: cats/1.png (cats) = dogs/3.png (dogs).',
    ],
    [{ name: 'dogs/3.png', bytes: sound }],
  ),
  refused(
    'one picture',
    [
      'cat.png is one picture, which is nothing to learn from; choose a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them.',
    ],
    [{ name: 'cat.png', bytes: sound }],
  ),
  {
    name: 'pictures without folders',
    says: [
      'The pictures lie in no folder, so there are no classes to tell apart, and a network can only give them back; for classes choose a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them.',
    ],
    files: [
      { name: '1.png', bytes: sound },
      { name: '2.jpg', bytes: of('jpeg 2x2 33x35') },
    ],
    taken: { examples: 2 },
  },
  {
    name: 'one class',
    says: [
      'All pictures lie in one folder (animals/cats), so there are no classes to tell apart, and a network can only give them back; for classes choose a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them.',
    ],
    files: [
      { name: 'animals/cats/1.png', bytes: sound },
      { name: 'animals/cats/2.jpg', bytes: of('jpeg 2x2 33x35') },
    ],
    taken: { examples: 2 },
  },
  refused(
    'two classes of which one is all bad',
    [
      'Every picture that can be read (1) is of class cats; a network needs two classes or more to tell apart.',
      'dogs/1.png is empty (0 bytes); get it again.',
    ],
    [
      { name: 'cats/1.png', bytes: sound },
      { name: 'dogs/1.png', bytes: zeros(0) },
    ],
  ),
  refused(
    'nothing but bad pictures',
    ['cats/1.png is empty (0 bytes); get it again.', 'dogs/1.png is text and no picture; get it again.'],
    [
      { name: 'cats/1.png', bytes: zeros(0) },
      { name: 'dogs/1.png', bytes: text('none') },
    ],
  ),
  refused(
    'a bad picture where none may be',
    ['dogs/3.png is cut off: its end mark (IEND) is missing; get it again.'],
    [...good, { name: 'dogs/3.png', bytes: sound.subarray(0, 40) }],
    {
      bad: 'refuse',
    },
  ),
  // Tables of labels
  refused(
    'a table that names no picture',
    ['labels.csv has no column that names the 2 pictures beside it (such as 1.png) and another with labels; add them.'],
    [{ name: '1.png', bytes: sound }, { name: '2.png', bytes: sound }, file('labels.csv', 'a,b\nx,y\nz,w\n')],
  ),
  {
    name: 'two tables',
    says: ['b.csv names pictures too, and is left out: the labels are those of a.csv.'],
    files: [
      { name: '1.png', bytes: sound },
      { name: '2.png', bytes: greyPng(4, 4, (i) => i) },
      file('a.csv', 'file,label\n1.png,a\n2.png,b\n'),
      file('b.csv', 'file,label\n1.png,b\n2.png,a\n'),
    ],
    taken: { examples: 2 },
  },
  refused(
    'two tables that name no picture',
    [
      'None of a.csv, b.csv has a column that names the 2 pictures beside it (such as 1.png) and another with labels; add them.',
    ],
    [
      { name: '1.png', bytes: sound },
      { name: '2.png', bytes: sound },
      file('a.csv', 'a,b\nx,y\nz,w\n'),
      file('b.csv', 'a,b\nx,y\nz,w\n'),
    ],
  ),
  refused(
    'a table of labels whose labels are no numbers, where these are wanted',
    ['l.csv line 2: "cat" is no number.', 'l.csv line 3: "dog" is no number.'],
    [
      { name: '1.png', bytes: sound },
      { name: '2.png', bytes: greyPng(4, 4, (i) => i) },
      file('l.csv', 'file,label\n1.png,cat\n2.png,dog\n'),
    ],
    { target: 'numbers' },
  ),
  refused(
    'an SVG alone',
    [
      'drawing.svg is an SVG, which holds shapes and no pixels; PNG, JPEG, WebP, GIF and BMP are read, so save it as PNG.',
    ],
    [file('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')],
  ),
  {
    name: 'folders that are parts and have no folders of classes',
    says: [
      'There are no folders of classes within those of train and test, so there are no classes to tell apart, and a network can only give them back; for classes choose a folder that holds a folder of pictures for each class, or pictures and a CSV file that names them.',
    ],
    files: [
      { name: 'set/train/1.png', bytes: sound },
      { name: 'set/test/2.png', bytes: greyPng(4, 4, (i) => i) },
    ],
    taken: { examples: 2 },
  },
  {
    name: 'a folder of tests without classes',
    says: [
      'The folder set/test holds no folders of classes, so its 1 picture has no label and is left out; a trained network can be asked about it.',
    ],
    files: [
      { name: 'set/train/cats/1.png', bytes: sound },
      { name: 'set/train/dogs/2.png', bytes: greyPng(4, 4, (i) => i) },
      { name: 'set/test/3.png', bytes: greyPng(4, 4, (i) => 9 * i) },
    ],
    taken: { examples: 2 },
  },
  noted(
    'a folder whose name begins with _',
    [
      'The folder _noise_ is no class, since its name begins with _; its 1 picture is left out. Rename it if it is one.',
    ],
    [{ name: '_noise_/3.png', bytes: greyPng(4, 4, (i) => i) }],
    4,
  ),
  noted(
    'a class called train',
    [
      'Class train sounds like a part of the set rather than what is to be told apart. For parts choose a folder that holds nothing but train, test and the like, with a folder for each class in each of them.',
    ],
    [{ name: 'train/3.png', bytes: greyPng(4, 4, (i) => i) }],
  ),
  {
    name: 'a table with rows that fit no picture',
    files: [
      ...['1.png', '2.png', '3.png', '4.png'].map((name, i) => ({ name, bytes: greyPng(4, 4, (k) => k + i) })),
      file('labels.csv', 'file,label\n1.png,cat\n2.png,dog\n9.png,dog\n3.png,\n1.png,dog\n../2.png,dog\n'),
    ],
    says: [
      'labels.csv line 4: there is no picture "9.png".',
      'labels.csv line 5: picture "3.png" has no value in column "label".',
      'labels.csv line 6: picture "1.png" is "dog" here, but "cat" on line 2.',
      'labels.csv names no label for 2 pictures, which are left out: 3.png, 4.png.',
    ],
    taken: { examples: 2, skipped: 3 },
  },
]
