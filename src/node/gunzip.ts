/** What is said of gzip files that can't be unzipped, and of sizes. */
import { problem, type Problem } from '../base/problem.ts'
import { codeOf } from './atomic-file.ts'

export function unzipProblem(error: unknown, name: string): Problem {
  const place = { file: name }
  if (codeOf(error) === 'Z_BUF_ERROR') {
    const message = `"${name}" ends in the middle of its gzip data; copy or download it again.`
    return problem('file.zip.cut', message, place)
  }
  const message = `"${name}" begins like a gzip file but cannot be unzipped; copy or download it again.`
  return problem('file.zip', message, place)
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
