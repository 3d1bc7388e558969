import { expect, test } from 'vitest'
import { decodeFolderPart, encodeFolderPart, type FolderFile } from '../../src/protocol/folder-part.ts'

const files: FolderFile[] = [
  { path: 'cats/1.png', bytes: Uint8Array.of(1, 2, 3) },
  { path: 'empty', bytes: new Uint8Array() },
  { path: 'ü/ö.csv', bytes: new TextEncoder().encode('a,b') },
]

test('files of a folder come back as they were', () => {
  expect(decodeFolderPart(encodeFolderPart(files))).toEqual(files)
  expect(decodeFolderPart(encodeFolderPart([]))).toEqual([])
  const [first] = decodeFolderPart(encodeFolderPart(files)) ?? []
  // A copy: a view would keep the whole part.
  expect(first?.bytes.buffer.byteLength).toBe(3)
})

test('a part that is cut or claims too much is none', () => {
  const part = encodeFolderPart(files)
  // Between two files it could end; anywhere else it can't.
  const ends = [1, 2].map((count) => encodeFolderPart(files.slice(0, count)).length)
  for (let length = 1; length < part.length; length++)
    expect(decodeFolderPart(part.subarray(0, length)) === null, String(length)).toBe(!ends.includes(length))
  expect(decodeFolderPart(part.subarray(0, part.length - 1))).toBeNull()
  const lying = part.slice()
  lying.set([255, 255, 255, 255], 4)
  expect(decodeFolderPart(lying)).toBeNull()
  const name = part.slice()
  name[8] = 0xff
  expect(decodeFolderPart(name)).toBeNull()
})
