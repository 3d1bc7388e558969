/**
 * Files in a browser. Documents go through the File System Access dialogs where the browser has them, so that a second
 * save writes to the same file, and through a file field and a download where it has not. Data files go up to the host.
 */
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import type { Refusal } from '../../src/protocol/host-wire.ts'
import { messageOf, sentence } from './link.ts'

interface FileHandle {
  readonly name: string
  getFile(): Promise<File>
  createWritable(): Promise<{ write(content: string | Blob): Promise<void>; close(): Promise<void> }>
}
interface Dialogs {
  showOpenFilePicker?: (options: object) => Promise<FileHandle[]>
  showSaveFilePicker?: (options: object) => Promise<FileHandle>
}
const dialogs = globalThis as Dialogs
const types = [{ description: 'Neuroloom document', accept: { 'application/json': ['.json'] } }]

/** What was opened or saved in this session; a document is named by its place in here. */
const handles: FileHandle[] = []

function keep(handle: FileHandle): string {
  const known = handles.indexOf(handle)
  return String(known >= 0 ? known : handles.push(handle) - 1)
}

/** Null when the person closed the dialog. */
async function ask<T>(dialog: Promise<T>): Promise<T | null> {
  try {
    return await dialog
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  }
}

export async function openDocument(): Promise<Result<{ handle: string | null; name: string; text: string }> | null> {
  try {
    if (dialogs.showOpenFilePicker) {
      const [handle] = (await ask(dialogs.showOpenFilePicker({ types }))) ?? []
      if (!handle) return null
      const file = await handle.getFile()
      return ok({ handle: keep(handle), name: file.name, text: await file.text() })
    }
    const [file] = await pickFiles(['.json'], false)
    return file ? ok({ handle: null, name: file.name, text: await file.text() }) : null
  } catch (error) {
    return fail(problem('document.open', `The file could not be opened: ${messageOf(error)}`))
  }
}

export async function saveDocument(
  handle: string | null,
  name: string,
  text: string,
): Promise<Result<{ handle: string | null; name: string }> | null> {
  try {
    let file = handle === null ? undefined : handles[Number(handle)]
    if (!file && dialogs.showSaveFilePicker) {
      const chosen = await ask(dialogs.showSaveFilePicker({ suggestedName: name, types }))
      if (!chosen) return null
      file = chosen
    }
    if (!file) {
      download(name, new Blob([text], { type: 'application/json' }))
      return ok({ handle: null, name })
    }
    const writable = await file.createWritable()
    await writable.write(text)
    await writable.close()
    return ok({ handle: keep(file), name: file.name })
  } catch (error) {
    return fail(problem('document.save', `${name} could not be saved: ${messageOf(error)}`))
  }
}

/** Whole or not at all: what the browser writes to is another file until it is closed. */
export async function saveTable(name: string, parts: readonly Blob[]): Promise<Result<{ name: string }> | null> {
  try {
    if (!dialogs.showSaveFilePicker) {
      download(name, new Blob([...parts], { type: 'text/csv' }))
      return ok({ name })
    }
    const csv = [{ description: 'Table', accept: { 'text/csv': ['.csv'] } }]
    const file = await ask(dialogs.showSaveFilePicker({ suggestedName: name, types: csv }))
    if (!file) return null
    const writable = await file.createWritable()
    for (const part of parts) await writable.write(part)
    await writable.close()
    return ok({ name: file.name })
  } catch (error) {
    return fail(problem('table.save', `${name} could not be saved: ${messageOf(error)}`))
  }
}

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Opens the browser's file dialog. An empty list when the person closed it. */
export function pickFiles(extensions: readonly string[], multiple: boolean): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = multiple
  input.accept = extensions.join(',')
  return new Promise((resolve) => {
    input.onchange = () => resolve([...(input.files ?? [])])
    input.oncancel = () => resolve([])
    input.click()
  })
}

/** The sentence with which the host refuses. */
export async function refusalOf(response: Response): Promise<string> {
  try {
    return sentence(((await response.json()) as Refusal).message)
  } catch {
    return `The host answered with status ${response.status}.`
  }
}
