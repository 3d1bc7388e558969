/** `iris.csv, line 7, column petal width`: what is known of a problem's place and not already in its sentence. */
import type { Problem } from '../../src/base/problem.ts'

export function placeOf({ message, place }: Problem): string {
  if (!place) return ''
  const { file, line, column, byte } = place
  const said = message.toLowerCase()
  const parts: string[] = []
  if (file !== undefined && !said.includes(file.toLowerCase())) parts.push(file)
  if (line !== undefined && !new RegExp(`\\blines?\\b.*\\b${line}\\b`).test(said)) parts.push(`line ${line}`)
  if (column !== undefined && !said.includes(column.toLowerCase())) parts.push(`column ${column}`)
  if (byte !== undefined && !new RegExp(`\\bbytes?\\b.*\\b${byte}\\b`).test(said)) parts.push(`byte ${byte}`)
  return parts.join(', ')
}

/** Whether the panel of the data is where something can be done about it. */
export function isOfData({ code, place }: Problem): boolean {
  return /^(data|csv|split)\./.test(code) || (place?.field ?? '').startsWith('data.')
}
