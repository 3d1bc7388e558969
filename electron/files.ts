/**
 * Dialogs and files. The window never names a path: what a dialog gave is known to it under an opaque handle, and only
 * such handles are read and written.
 */
import { createHash, randomBytes } from 'node:crypto'
import { appendFile, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { Dialog, FileFilter } from 'electron'
import { fail, ok, problem, type Problem, type Result } from '../src/base/problem.ts'
import { atomicWrite } from '../src/node/atomic-file.ts'
import type { Grant } from '../src/node/engine/wire.ts'
import type { OpenedDocument, PickedFile, SavedDocument } from '../src/protocol/messages.ts'

export type Dialogs = Pick<Dialog, 'showOpenDialog' | 'showSaveDialog'>

interface DocumentFile {
  readonly path: string
  /** Of the content as we last read or wrote it. */
  hash: string | null
}

const MAX_DOCUMENT = 64 * 1024 * 1024
const documentFilters: FileFilter[] = [
  { name: 'Neuroloom document', extensions: ['json'] },
  { name: 'All files', extensions: ['*'] },
]

const tableFilters: FileFilter[] = [
  { name: 'Table', extensions: ['csv'] },
  { name: 'All files', extensions: ['*'] },
]

export class Files {
  readonly #dialogs: Dialogs
  readonly #grant: (grant: Grant) => void
  readonly #documents = new Map<string, DocumentFile>()
  /** Tables that are being written. */
  readonly #tables = new Map<string, { readonly path: string; readonly part: string }>()

  /** `grant` lets the engine read a data file. */
  constructor(dialogs: Dialogs, grant: (grant: Grant) => void) {
    this.#dialogs = dialogs
    this.#grant = grant
  }

  /** Null when the person changed their mind. */
  async openDocument(): Promise<Result<OpenedDocument> | null> {
    const { canceled, filePaths } = await this.#dialogs.showOpenDialog({
      title: 'Open a document',
      properties: ['openFile'],
      filters: documentFilters,
    })
    const [path] = filePaths
    if (canceled || path === undefined) return null
    const name = basename(path)
    try {
      if ((await stat(path)).size > MAX_DOCUMENT)
        return fail(say(name, 'is too large for a document. Choose another file.'))
      const bytes = await readFile(path)
      const handle = this.#remember({ path, hash: hashOf(bytes) })
      return ok({ handle, name, text: bytes.toString('utf8') })
    } catch {
      return fail(say(name, 'could not be read. Check that it is still there and that you may read it.'))
    }
  }

  /** Without a handle the person is asked where to; with one, the file of that handle is written, and no other. */
  async saveDocument(handle: string | null, name: string, text: string): Promise<Result<SavedDocument> | null> {
    if (handle !== null) {
      const file = this.#documents.get(handle)
      if (!file) return fail(say(name, 'was not opened or saved in this session. Use "Save as".', 'file.handle'))
      if (await hasChanged(file)) {
        const why = 'was changed by another program since you opened it. Save under another name, or open it again.'
        return fail(say(basename(file.path), why, 'file.changed'))
      }
      return this.#write(handle, file, text)
    }
    const { canceled, filePath } = await this.#dialogs.showSaveDialog({
      title: 'Save the document',
      defaultPath: safeName(name),
      filters: documentFilters,
    })
    if (canceled || !filePath) return null
    const file = { path: extname(filePath) === '' ? `${filePath}.json` : filePath, hash: null }
    return this.#write(this.#remember(file), file, text)
  }

  /** A part of a table; the person is asked where to before the first one, and the file is there with the last. */
  async writeTable(
    handle: string | null,
    name: string,
    text: string,
    last: boolean,
  ): Promise<Result<SavedDocument> | null> {
    if (handle === null) {
      const { canceled, filePath } = await this.#dialogs.showSaveDialog({
        title: 'Save the table',
        defaultPath: safeName(name, '.csv'),
        filters: tableFilters,
      })
      if (canceled || !filePath) return null
      const path = extname(filePath) === '' ? `${filePath}.csv` : filePath
      handle = newHandle()
      this.#tables.set(handle, { path, part: `${path}.${handle}.part` })
    }
    const file = this.#tables.get(handle)
    if (!file) return fail(say(name, 'was not begun in this session. Save it again.', 'file.handle'))
    const done = basename(file.path)
    try {
      await appendFile(file.part, text)
      if (last) await rename(file.part, file.path)
    } catch {
      this.#tables.delete(handle)
      await rm(file.part, { force: true })
      return fail(say(done, 'could not be written. Check the disk, or save it elsewhere.', 'file.write'))
    }
    if (last) this.#tables.delete(handle)
    return ok({ handle, name: done })
  }

  async pickFiles(extensions: readonly string[]): Promise<Result<readonly PickedFile[]>> {
    // MNIST's files end in `-idx3-ubyte`, which no dialog calls an extension.
    const known = extensions.filter((ending) => ending.startsWith('.')).map((ending) => ending.slice(1))
    const { canceled, filePaths } = await this.#dialogs.showOpenDialog({
      title: 'Choose data files',
      properties: ['openFile', 'multiSelections'],
      filters: [
        { name: 'All files', extensions: ['*'] },
        ...(known.length > 0 ? [{ name: 'Data', extensions: known }] : []),
      ],
    })
    return canceled ? ok([]) : this.accept(filePaths)
  }

  async pickFolder(): Promise<Result<readonly PickedFile[]>> {
    const options = { title: 'Choose a folder of data', properties: ['openDirectory' as const] }
    const { canceled, filePaths } = await this.#dialogs.showOpenDialog(options)
    return canceled ? ok([]) : this.accept(filePaths)
  }

  /** Files and folders that the person handed over, whichever way. */
  async accept(paths: readonly string[]): Promise<Result<readonly PickedFile[]>> {
    const picked: PickedFile[] = []
    for (const path of paths) {
      const name = basename(path)
      try {
        const { size } = await stat(path)
        const handle = newHandle()
        this.#grant({ handle, name, path })
        picked.push({ handle, name, size })
      } catch {
        return fail(say(name, 'could not be read. Check that it is still there and that you may read it.'))
      }
    }
    return ok(picked)
  }

  async #write(handle: string, file: DocumentFile, text: string): Promise<Result<SavedDocument>> {
    // A document is the person's: others may read it where their files are usually readable.
    const written = await atomicWrite(file.path, text, { mode: await modeOf(file.path) })
    if (!written.ok) return written
    file.hash = hashOf(Buffer.from(text, 'utf8'))
    return ok({ handle, name: basename(file.path) })
  }

  #remember(file: DocumentFile): string {
    const handle = newHandle()
    this.#documents.set(handle, file)
    return handle
  }
}

async function hasChanged({ path, hash }: DocumentFile): Promise<boolean> {
  if (hash === null) return false
  try {
    return hashOf(await readFile(path)) !== hash
  } catch {
    // Gone or unreadable: writing makes it anew, or says why not.
    return false
  }
}

async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o777
  } catch {
    return 0o666
  }
}

/** A name that the window proposes is only ever the last part of what the dialog shows. */
export function safeName(name: string, ending = '.json'): string {
  const clean = name.replace(/[/\\:*?"<>|\p{Cc}]+/gu, ' ').replace(/^[.\s]+|[.\s]+$/g, '')
  const base = clean === '' ? 'network' : clean.slice(0, 100)
  return base.toLowerCase().endsWith(ending) ? base : `${base}${ending}`
}

function newHandle(): string {
  return randomBytes(16).toString('base64url')
}
function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
function say(name: string, rest: string, code = 'file.read'): Problem {
  return problem(code, `"${name}" ${rest}`, { file: name })
}
