/**
 * What lies in a folder of pictures: pictures, perhaps a table of labels, files that the system leaves there, and others. All
 * by names as text: a name is never opened as a path, so one that tries to lead out of the folder leads nowhere.
 */
import type { DataFile } from '../types.ts'
import { formatOf } from './index.ts'

/** Endings of pictures that are decoded. */
export const extensions = ['.png', '.jpg', '.jpeg', '.webp', '.bmp', '.jpe', '.jfif', '.dib', '.apng']
/** Of those that are refused by their name rather than passed over. */
const refused = /\.(gif|svgz?|avif|tiff?|hei[cf]|jxl|jp2|ico|psd)$/i
const readable = new RegExp(`(${extensions.join('|').replaceAll('.', '\\.')})$`, 'i')
const system = /^(\..*|thumbs\.db|ehthumbs\.db|desktop\.ini|__macosx|@eadir)$/i
/** Folders that part the examples rather than name a class. */
const partNames: ReadonlyMap<string, string> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['test', 'test'],
  ['testing', 'test'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
])

export interface Entry {
  readonly file: DataFile
  /** Within the folder that was chosen: what the names of all files begin with is left out. */
  readonly path: string
}

export interface Folder {
  /** By path, so that the order of the files makes no difference. */
  readonly pictures: readonly Entry[]
  readonly tables: readonly DataFile[]
  /** Left there by the system. */
  readonly system: readonly string[]
  readonly others: readonly string[]
  /** What the path of each begins with, with a `/` at its end where there is anything. */
  readonly root: string
}

export function isPicture({ name, head }: DataFile): boolean {
  return readable.test(name) || refused.test(name) || formatOf(head) !== undefined
}

export function isSystem(name: string): boolean {
  return name.split('/').some((part) => part !== '.' && part !== '..' && system.test(part))
}

export function isTable(name: string): boolean {
  return /\.(csv|tsv)$/i.test(name)
}

export function lookThrough(files: readonly DataFile[]): Folder {
  const hidden = files.filter((file) => isSystem(file.name))
  const seen = files.filter((file) => !isSystem(file.name))
  const pictures = seen.filter(isPicture)
  const rest = seen.filter((file) => !isPicture(file))
  const tables = rest.filter((file) => isTable(file.name))
  const root = commonRoot([...pictures, ...tables].map((file) => file.name))
  return {
    pictures: pictures
      .map((file) => ({ file, path: file.name.slice(root.length) }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    tables,
    system: hidden.map((file) => file.name),
    others: rest.filter((file) => !tables.includes(file)).map((file) => file.name),
    root,
  }
}

/** Folders that all names begin with, each with its `/`. */
export function commonRoot(names: readonly string[]): string {
  const [first = ''] = names
  let root = first.slice(0, first.lastIndexOf('/') + 1)
  for (const name of names) {
    while (!name.startsWith(root)) root = root.slice(0, root.lastIndexOf('/', root.length - 2) + 1)
  }
  return root
}

export interface Place {
  /** Undefined where the picture lies in no folder that names a class. */
  readonly label: string | undefined
  readonly part: string | undefined
}

/** Classes by folders; where all of the outermost are called train, test, validation and the like, these are parts. */
export function placesOf(pictures: readonly Pick<Entry, 'path'>[]): {
  places: readonly Place[]
  parts: readonly string[]
} {
  const folders = pictures.map(({ path }) => path.split('/').slice(0, -1))
  const deep = folders.filter((parts) => parts.length > 0)
  const areParts = deep.length > 0 && deep.every((all) => all.length > 1 && partNames.has((all[0] ?? '').toLowerCase()))
  const places = folders.map((all) => {
    const part = areParts ? partNames.get((all[0] ?? '').toLowerCase()) : undefined
    const names = areParts ? all.slice(1) : all
    return { label: names.length > 0 ? names.join('/') : undefined, part }
  })
  return { places, parts: areParts ? partsIn(places) : [] }
}

/** Where a table names the classes, folders can still be parts: if all of the outermost are. */
export function partedOnly(pictures: readonly Entry[]): ReturnType<typeof placesOf> {
  const places = pictures.map(({ path }) => {
    const [first = '', ...more] = path.split('/')
    return { label: undefined, part: more.length > 0 ? partNames.get(first.toLowerCase()) : undefined }
  })
  return { places, parts: places.every(({ part }) => part !== undefined) ? partsIn(places) : [] }
}

/** In the order in which one uses them. */
function partsIn(places: readonly Place[]): string[] {
  return ['train', 'val', 'test'].filter((name) => places.some(({ part }) => part === name))
}

/** A path with steps that name no folder: empty ones, `.` and `..`. */
export function isOdd(path: string): boolean {
  return path.split('/').some((part) => part === '' || part === '.' || part === '..')
}

/** The first few, and how many more there are. */
export function some(names: readonly string[], most = 5): string {
  const more = names.length - most
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** `1 picture`, `12 pictures`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
