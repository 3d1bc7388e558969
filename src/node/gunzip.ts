/** Unzips what was gzipped, with an end to how much may come out: a few kilobytes can claim to be terabytes. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { fail, ok, problem, type Result } from '../base/problem.ts'
import { codeOf } from './atomic-file.ts'

const inflate = promisify(gunzip)
export const MAX_UNZIPPED = 2 * 1024 ** 3

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

export async function unzip(name: string, bytes: Uint8Array, most = MAX_UNZIPPED): Promise<Result<Uint8Array>> {
  if (!isGzip(bytes)) return ok(bytes)
  try {
    return ok(await inflate(bytes, { maxOutputLength: most }))
  } catch (error) {
    const place = { file: name }
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE' || error instanceof RangeError)
      return fail(
        problem(
          'file.zip.large',
          `"${name}" holds more than ${sizeOf(most)} when it is unzipped; use a smaller part of it.`,
          place,
        ),
      )
    if (codeOf(error) === 'Z_BUF_ERROR')
      return fail(
        problem('file.zip.cut', `"${name}" ends in the middle of its gzip data; copy or download it again.`, place),
      )
    return fail(
      problem(
        'file.zip',
        `"${name}" begins like a gzip file but cannot be unzipped; copy or download it again.`,
        place,
      ),
    )
  }
}

/** `1.5 MB`: powers of 1000, as file managers say it. */
export function sizeOf(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ''}`
}
