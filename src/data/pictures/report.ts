/** What is said of a folder of pictures that was read: facts, and what one had better look at. */
import { at } from '../../base/assert.ts'
import { problem, type Problem } from '../../base/problem.ts'
import type { TargetDescription } from '../../document/types.ts'
import { MAX_LISTED } from '../limits.ts'
import type { Fact } from '../types.ts'
import type { Told } from './classes.ts'
import type { Decoding } from './decoding.ts'
import { count, isSystem, partLikeWarnings, some, type Folder } from './folder.ts'
import type { Target } from './resize.ts'
import type { Item, Sizes } from './survey.ts'
import type { Labels } from './labels.ts'
import { formats, type Format } from './types.ts'

export interface Report extends Told, Decoding {
  readonly target: Target
  readonly sizes: Sizes
  readonly folder: Folder
}

export function factsOf(description: TargetDescription, report: Report): Fact[] {
  const { taken, turned, resized, target, sizes, parts, labels, folder } = report
  const facts: Fact[] = [{ label: 'Pictures', value: String(taken.length) }]
  if (description.kind === 'classes')
    facts.push({ label: 'Classes', value: `${description.names.length}: ${some(description.names, 10)}` })
  const labelled = labels
    ? `${showColumns(labels)} of ${labels.files.join(', ')}, where column "${labels.names}" names the pictures`
    : description.names.length === 0
      ? 'none'
      : 'by folder'
  facts.push({ label: 'Labels', value: labelled })
  if (parts.length > 1) {
    const sums = parts.map((name) => `${name} ${taken.filter(({ part }) => part === name).length}`)
    const lists = report.lists.length > 0 ? `, by ${some(report.lists)}` : ''
    facts.push({ label: 'Parts', value: sums.join(', ') + lists })
  }
  facts.push({ label: 'Sizes', value: showSizes(sizes, taken.length) })
  const kinds = formats.map((format: Format) => ({
    format,
    number: taken.filter(({ header }) => header.format === format).length,
  }))
  facts.push({
    label: 'Formats',
    value: kinds
      .filter(({ number }) => number > 0)
      .map(({ format, number }) => `${format} ${number}`)
      .join(', '),
  })
  const colours = new Map<string, number>()
  for (const { header } of taken) colours.set(header.colour, (colours.get(header.colour) ?? 0) + 1)
  const shown = [...colours].sort((a, b) => b[1] - a[1]).map(([colour, number]) => `${colour} (${number})`)
  facts.push({ label: 'Colours', value: some(shown) })
  const { height, width, channels, fit } = target
  facts.push({ label: 'Read as', value: `${height} × ${width}, ${channels === 1 ? 'grey' : 'RGB'}` })
  const how = { crop: 'their middle is kept', pad: 'with a margin', stretch: 'stretched' }[fit]
  facts.push({ label: 'Resized', value: resized === 0 ? '0' : `${resized}, ${how}` })
  facts.push({ label: 'Turned by EXIF', value: String(turned) })
  if (folder.system.length > 0) {
    const names = new Set(folder.system.map((name) => name.slice(name.lastIndexOf('/') + 1)))
    facts.push({
      label: 'Passed over',
      value: `${count(folder.system.length, 'file')} of the system (${some([...names], 3)})`,
    })
  }
  return facts
}

function showColumns({ columns, kind }: Labels): string {
  const names = some(
    columns.map((name) => `"${name}"`),
    10,
  )
  if (columns.length === 1) return `column ${names}`
  return `columns ${names}${kind === 'labels' ? ', of which any may hold at once,' : ''}`
}

function showSizes({ all }: Sizes, pictures: number): string {
  const most = at(all, 0)
  const usual = `${most.height} × ${most.width}`
  if (all.length === 1) return usual
  const areas = all.toSorted((a, b) => a.height * a.width - b.height * b.width)
  const [least, largest] = [at(areas, 0), at(areas, areas.length - 1)]
  const share = Math.round((100 * most.count) / pictures)
  return `${least.height} × ${least.width} … ${largest.height} × ${largest.width}; ${usual} is most frequent (${share} %)`
}

export function warningsOf(description: TargetDescription, report: Report): Problem[] {
  const { set, taken, folder, unnamed, labels, twins, doubtful } = report
  const warnings: Problem[] = [...report.warnings]
  const warn = (code: string, message: string) => warnings.push(problem(code, message, undefined, 'warning'))
  const others = [...folder.others, ...report.otherLists]
  if (others.length > 0)
    warn('pictures.others', `${count(others.length, 'file is no picture', 'files are no pictures')}: ${some(others)}.`)
  if (labels && unnamed.length > 0) {
    warn(
      'pictures.unnamed',
      `${labels.files.join(', ')} ${labels.files.length === 1 ? 'names' : 'name'} no label for ${count(unnamed.length, 'picture')}, which ${unnamed.length === 1 ? 'is' : 'are'} left out: ${some(unnamed)}.`,
    )
  }
  if (description.kind === 'classes') {
    const empty = emptyClasses(set, description.names, folder, labels !== undefined)
    if (empty.length > 0) {
      const what = empty.length === 1 ? 'Folder' : 'Folders'
      warn('pictures.emptyClass', `${what} without a picture that can be read, hence no class: ${some(empty)}.`)
    }
    if (!labels) warnings.push(...partLikeWarnings(description.names))
    const alike = new Map<string, string[]>()
    for (const name of description.names)
      alike.set(name.toLowerCase(), [...(alike.get(name.toLowerCase()) ?? []), name])
    for (const names of alike.values()) {
      if (names.length > 1)
        warn('pictures.case', `Classes ${names.join(' and ')} differ in capital letters only; are they one?`)
    }
  }
  const misnamed = taken.filter(({ file, header }) => {
    const named = /\.(a?png|jpe?g|jpe|jfif|webp|gif|bmp|dib)$/i.exec(file.name)?.[1]?.toLowerCase()
    return named !== undefined && !endings[header.format].includes(named)
  })
  if (misnamed.length > 0) {
    const names = misnamed.map(({ file, header }) => `${file.name} (${header.format})`)
    warn(
      'pictures.ending',
      `${count(misnamed.length, 'picture is', 'pictures are')} of another format than the name says: ${some(names)}.`,
    )
  }
  const moving = taken.filter(({ header }) => header.animated).map(({ file }) => file.name)
  if (moving.length > 0) {
    warn(
      'pictures.animated',
      `Of ${count(moving.length, 'picture that moves', 'pictures that move')} only the first frame is taken: ${some(moving)}.`,
    )
  }
  if (doubtful.length > 0) {
    warn(
      'pictures.sum',
      `${count(doubtful.length, 'PNG has', 'PNGs have')} all pixels, but not with the checksum that the file says (Adler-32); look whether they are right: ${some(doubtful)}.`,
    )
  }
  if (twins.count > 0) {
    warn(
      'pictures.duplicates',
      `${count(twins.count, 'picture is an exact copy', 'pictures are exact copies')} of another one.`,
    )
  }
  if (twins.apart.length > 0) {
    warn(
      'pictures.contradiction',
      `${count(twins.apart.length, 'copy has', 'copies have')} another label than the picture itself: ${some(twins.apart, MAX_LISTED)}.`,
    )
  }
  return warnings
}

const endings: { readonly [F in Format]: readonly string[] } = {
  PNG: ['png', 'apng'],
  JPEG: ['jpg', 'jpeg', 'jpe', 'jfif'],
  WebP: ['webp'],
  GIF: ['gif'],
  BMP: ['bmp', 'dib'],
}

/** Folders that hold files, but none that makes them a class. */
function emptyClasses(set: readonly Item[], names: readonly string[], folder: Folder, byTable: boolean): string[] {
  const empty = new Set(set.map(({ label }) => label).filter((label) => !names.includes(label)))
  if (!byTable) {
    const used = [...folder.pictures.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1))]
    for (const name of [...folder.others, ...folder.system]) {
      const path = name.slice(0, name.lastIndexOf('/') + 1)
      const inner = path.startsWith(folder.root) ? path.slice(folder.root.length) : ''
      if (inner !== '' && !used.some((one) => one.startsWith(inner)) && !isSystem(inner.slice(0, -1)))
        empty.add(inner.slice(0, -1))
    }
  }
  return [...empty].sort()
}
