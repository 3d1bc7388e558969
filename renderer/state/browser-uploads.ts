/** Data files and folders of a browser on their way to the loopback host, which is the only one that has a disk. */
import { fail, ok, problem, type Result } from '../../src/base/problem.ts'
import { encodeFolderPart, type FolderFile } from '../../src/protocol/folder-part.ts'
import { CLIENT_HEADER, CLIENT_VALUE, FILES_PATH, FOLDER_PART } from '../../src/protocol/host-wire.ts'
import type { PickedFile } from '../../src/protocol/messages.ts'
import { refusalOf } from './browser-files.ts'
import { messageOf } from './link.ts'

/** A folder and the files in it, each with its path below it. */
interface Folder {
  readonly name: string
  readonly files: readonly { readonly path: string; readonly file: File }[]
}

export async function uploadFiles(files: readonly File[]): Promise<Result<readonly PickedFile[]>> {
  const picked: PickedFile[] = []
  for (const file of files) {
    const sent = await send(`name=${encodeURIComponent(file.name)}`, file, file.name)
    if (!sent.ok) return sent
    picked.push(sent.value)
  }
  return ok(picked)
}

async function uploadFolder({ name, files }: Folder): Promise<Result<readonly PickedFile[]>> {
  if (files.length === 0) return fail(problem('files.empty', `The folder ${name} holds no file. Choose another.`))
  let picked: PickedFile | undefined
  for (let from = 0; from < files.length;) {
    const part: FolderFile[] = []
    let bytes = 0
    for (; from < files.length && part.length < FOLDER_PART.files && bytes < FOLDER_PART.bytes; from++) {
      const one = files[from]
      if (!one) break
      // Sent by itself, so that no part is much larger than it may be.
      if (part.length > 0 && bytes + one.file.size > FOLDER_PART.bytes) break
      part.push({ path: one.path, bytes: new Uint8Array(await one.file.arrayBuffer()) })
      bytes += one.file.size
    }
    const handle = picked ? `&handle=${encodeURIComponent(picked.handle)}` : ''
    const sent: Result<PickedFile> = await send(
      `folder=${encodeURIComponent(name)}${handle}`,
      new Blob([encodeFolderPart(part)]),
      name,
    )
    if (!sent.ok) return sent
    picked = sent.value
  }
  return ok(picked ? [picked] : [])
}

async function send(query: string, body: Blob, name: string): Promise<Result<PickedFile>> {
  try {
    const response = await fetch(`${FILES_PATH.slice(1)}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', [CLIENT_HEADER]: CLIENT_VALUE },
      body,
    })
    if (!response.ok) return fail(problem('files.upload', `${name}: ${await refusalOf(response)}`))
    return ok((await response.json()) as PickedFile)
  } catch (error) {
    return fail(problem('files.upload', `${name} could not be handed to the engine: ${messageOf(error)}`))
  }
}

/** Opens the browser's dialog for a folder. */
export async function pickFolder(): Promise<Result<readonly PickedFile[]>> {
  const input = document.createElement('input')
  input.type = 'file'
  input.webkitdirectory = true
  const files = await new Promise<File[]>((resolve) => {
    input.onchange = () => resolve([...(input.files ?? [])])
    input.oncancel = () => resolve([])
    input.click()
  })
  const [first] = files
  if (!first) return ok([])
  const [name = 'folder'] = first.webkitRelativePath.split('/')
  return uploadFolder({
    name,
    files: files.map((file) => ({ path: file.webkitRelativePath.slice(name.length + 1), file })),
  })
}

export function acceptDrop(transfer: DataTransfer): Promise<Result<readonly PickedFile[]>> {
  // Entries must be asked for while the event lasts; a browser that has none still has the files.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const folder = entries.find((entry) => entry.isDirectory) as FileSystemDirectoryEntry | undefined
  if (!folder) return uploadFiles([...transfer.files])
  if (entries.length > 1) {
    const message = `${entries.length} things were dropped, one of them the folder ${folder.name}. Drop one folder, or files only.`
    return Promise.resolve(fail(problem('files.drop', message)))
  }
  return filesIn(folder).then(
    (files) => uploadFolder({ name: folder.name, files }),
    (error: unknown) => fail(problem('files.drop', `The folder ${folder.name} could not be read: ${messageOf(error)}`)),
  )
}

async function filesIn(folder: FileSystemDirectoryEntry, before = ''): Promise<{ path: string; file: File }[]> {
  const reader = folder.createReader()
  const found: { path: string; file: File }[] = []
  for (;;) {
    // A browser gives a hundred at a time, and none when there are no more.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (entries.length === 0) return found
    for (const entry of entries) {
      const path = `${before}${entry.name}`
      if (entry.isDirectory) found.push(...(await filesIn(entry as FileSystemDirectoryEntry, `${path}/`)))
      else {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
        found.push({ path, file })
      }
    }
  }
}
