/**
 * What lies in a folder of pictures: pictures, perhaps a table of labels, files that the system leaves there, and others. All
 * by names as text: a name is never opened as a path, so one that tries to lead out of the folder leads nowhere.
 */
import { get } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import { PART_NAMES, partIn, type Part } from '../../document/parts.ts'
import type { DataFile } from '../types.ts'
import { formatOf } from './index.ts'
import { isList } from './lists.ts'

/** Endings of pictures that are decoded. */
export const extensions = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.bmp', '.jpe', '.jfif', '.dib', '.apng']
/** Of those that are refused by their name rather than passed over. */
const refused = /\.(svgz?|avif|tiff?|hei[cf]|jxl|jp2|ico|psd)$/i
const readable = new RegExp(`(${extensions.join('|').replaceAll('.', '\\.')})$`, 'i')
const system = /^(\..*|thumbs\.db|ehthumbs\.db|desktop\.ini|__macosx|@eadir)$/i
/** Folders around others that say nothing of what is in them. */
const PLAIN = /^(images?|imgs?|pictures?|photos?|files?|data|dataset|jpe?gs?|pngs?|wavs?|sounds?|recordings?|audio)$/i

export interface Entry {
  readonly file: DataFile
  /** Within the folder that was chosen: what the names of all files begin with is left out. */
  readonly path: string
}

export interface Folder {
  /** By path, so that the order of the files makes no difference. */
  readonly pictures: readonly Entry[]
  readonly tables: readonly DataFile[]
  /** Texts that may name the pictures of a part. */
  readonly lists: readonly DataFile[]
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
  const lists = rest.filter((file) => isList(file.name))
  const root = commonRoot([...pictures, ...tables].map((file) => file.name))
  return {
    pictures: pictures
      .map((file) => ({ file, path: file.name.slice(root.length) }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    tables,
    lists,
    system: hidden.map((file) => file.name),
    others: rest.filter((file) => !isTable(file.name) && !isList(file.name)).map((file) => file.name),
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
  /** Undefined where it lies in no folder that names a class. */
  readonly label: string | undefined
  readonly part: string | undefined
  /** It has no label because of the folder that it lies in. */
  readonly isAside: boolean
}

/** A folder whose files have no label. */
export interface Aside {
  readonly folder: string
  /** Its name begins with `_`; else it holds no folders of classes, where others do. */
  readonly isMarked: boolean
  readonly files: number
}

export interface Places {
  /** Of each path. */
  readonly places: readonly Place[]
  /** Those that there are, in the order in which one uses them; none where there would be one. */
  readonly parts: readonly string[]
  readonly asides: readonly Aside[]
}

/** Classes by folders. Folders called train, test and the like are parts where all of one level are, and not all alike. */
export function placesOf(paths: readonly string[]): Places {
  const root = commonRoot(paths)
  const folderOf = (path: string) => path.slice(root.length, Math.max(root.length, path.lastIndexOf('/')))
  const known = new Map<string, { place: Place; aside?: { folder: string; isMarked: boolean } }>()
  const folders = [...new Set(paths.map(folderOf))].map((folder) => {
    return { folder, names: folder === '' ? [] : folder.split('/') }
  })
  const deep = folders.filter(({ names }) => names.length > 0)
  const plain = deep.filter(({ names }) => names.every((name) => !name.startsWith('_')))
  // Where all of them are marked, that is how they are called.
  const used = plain.length > 0 ? plain : deep
  const { level, classes } = levelsOf(used)
  const withClasses = used.filter(({ folder }) => get(classes, folder).length > 0)
  const parted = new Set(withClasses.map(({ names }) => names[0]))
  const isFlat = ([outer]: readonly string[]) =>
    level === 0 && outer !== undefined && parted.size > 0 && !parted.has(outer)
  for (const { folder, names } of folders) {
    const marked = used === deep ? -1 : names.findIndex((name) => name.startsWith('_'))
    const isAside = marked >= 0 || isFlat(names)
    const own = isAside ? [] : (classes.get(folder) ?? [])
    const part = level === undefined || marked >= 0 ? undefined : partIn(names.at(level) ?? '')
    const place = { label: own.length > 0 ? own.join('/') : undefined, part: part && PART_NAMES[part], isAside }
    const aside = { folder: root + names.slice(0, Math.max(1, marked + 1)).join('/'), isMarked: marked >= 0 }
    known.set(folder, isAside ? { place, aside } : { place })
  }

  const asides = new Map<string, Aside>()
  const places = paths.map((path) => {
    const { place, aside } = get(known, folderOf(path))
    if (aside) asides.set(aside.folder, { ...aside, files: (asides.get(aside.folder)?.files ?? 0) + 1 })
    return place
  })
  const parts = partsIn(places.filter(({ isAside }) => !isAside))
  return { places, parts, asides: [...asides.values()] }
}

interface FolderNames {
  readonly folder: string
  /** From the outermost to the innermost one. */
  readonly names: readonly string[]
}

/**
 * Which of the folders around examples is their part, the outermost (0) or the innermost (-1), and which ones name the class. All
 * must say a part, and not all the same; but folders without folders in them may lie beside the outermost, where those that
 * train have some.
 */
function levelsOf(folders: readonly FolderNames[]): {
  readonly level: 0 | -1 | undefined
  readonly classes: ReadonlyMap<string, readonly string[]>
} {
  const inner = withinOutermost(folders)
  const saidAt = (level: 0 | -1) => folders.map(({ names }) => partIn(names.at(level) ?? ''))
  const areSeveral = (said: readonly (Part | undefined)[]) => new Set(said.filter((part) => part)).size > 1
  const outer = saidAt(0)
  const isDeep = ({ folder }: FolderNames) => get(inner, folder).length > 0
  const isLevel =
    areSeveral(outer) &&
    (outer.every((part) => part) ||
      (folders.every((one, i) => outer[i] ?? !isDeep(one)) &&
        folders.some((one, i) => outer[i] === 'train' && isDeep(one))))
  if (isLevel) return { level: 0, classes: withoutSameEnd(inner) }
  const innermost = saidAt(-1)
  const isLast = areSeveral(innermost) && innermost.every((part) => part)
  const own = folders.map(({ folder, names }) => [folder, isLast ? names.slice(0, -1) : names] as const)
  return { level: isLast ? -1 : undefined, classes: withoutSameEnd(new Map(own)) }
}

/** Of each folder those in its outermost one, without any that say the same again or nothing: `seg_train/seg_train`, `test/images`. */
function withinOutermost(folders: readonly FolderNames[]): Map<string, readonly string[]> {
  const groups = new Map<string, FolderNames[]>()
  for (const one of folders) {
    const [outer = ''] = one.names
    groups.set(outer, [...(groups.get(outer) ?? []), one])
  }
  const inner = new Map<string, readonly string[]>()
  for (const [outer, group] of groups) {
    const part = partIn(outer)
    let from = 1
    for (;;) {
      const next = new Set(group.map(({ names }) => names[from]).filter((name) => name !== undefined))
      const [name] = next
      if (next.size !== 1 || name === undefined) break
      const isSame = name.toLowerCase() === outer.toLowerCase() || (part !== undefined && partIn(name) === part)
      // It is a class where another one lies beside it.
      const isAlone = [...groups.values()].every((one) => {
        const beside = new Set(one.map(({ names }) => names[from]))
        return !beside.has(name) || beside.size === 1
      })
      if (!isSame && !(isAlone && PLAIN.test(name))) break
      from++
    }
    for (const { folder, names } of group) inner.set(folder, names.slice(from))
  }
  return inner
}

/** All cats lie in cats/images, all dogs in dogs/images. */
function withoutSameEnd(folders: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const deep = [...folders.values()].filter((names) => names.length > 0)
  const last = new Set(deep.map((names) => names.at(-1)))
  if (last.size !== 1 || deep.some((names) => names.length < 2)) return folders
  return withoutSameEnd(new Map([...folders].map(([folder, names]) => [folder, names.slice(0, -1)])))
}

/** In the order in which one uses them; none where all are of one. */
export function partsIn(places: readonly Pick<Place, 'part'>[]): string[] {
  const found = new Set(places.map(({ part }) => part))
  const parts = Object.values(PART_NAMES).filter((name) => found.has(name))
  return parts.length > 1 ? parts : []
}

/** What is said of folders without a label. `noun`: one of what lies in them. */
export function asideWarnings(asides: readonly Aside[], noun: string): Problem[] {
  return asides.map(({ folder, isMarked, files }) => {
    const [has, are, them] = files === 1 ? ['has', 'is', 'it'] : ['have', 'are', 'them']
    const message = isMarked
      ? `The folder ${folder} is no class, since its name begins with _; its ${count(files, noun)} ${are} left out. Rename it if it is one.`
      : `The folder ${folder} holds no folders of classes, so its ${count(files, noun)} ${has} no label and ${are} left out; a trained network can be asked about ${them}.`
    return problem('data.unlabelled', message, undefined, 'warning')
  })
}

/** Classes that look like parts, as they would be if all folders beside them were. */
export function partLikeWarnings(names: readonly string[]): Problem[] {
  const like = names.filter((name) => partIn(name.split('/')[0] ?? '') !== undefined)
  if (like.length === 0) return []
  const [what, are] = like.length === 1 ? ['Class', 'sounds like a part'] : ['Classes', 'sound like parts']
  const message = `${what} ${some(like)} ${are} of the set rather than what is to be told apart. For parts choose a folder that holds nothing but train, test and the like, with a folder for each class in each of them.`
  return [problem('data.partClass', message, undefined, 'warning')]
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
