/**
 * How a block is found: by its title, by what else people call it, by what it does. Spaces, hyphens, case and accents
 * count for nothing (`up-conv`, `conv 2d`), and where nothing fits, one wrong letter is forgiven.
 */
export interface Searched {
  readonly title: string
  readonly aliases: readonly string[]
  /** What it does, its formula, who defined it. */
  readonly text: string
}

interface Prepared {
  readonly title: Name
  readonly aliases: readonly Name[]
  readonly words: readonly string[]
}
interface Name {
  readonly words: readonly string[]
  /** Without anything between the words: `conv2d`. */
  readonly closed: string
}

/** How well something fits, the best first; what fits nothing is not found. */
const ranks = ['title', 'titleStart', 'alias', 'titleWord', 'aliasStart', 'titlePart', 'aliasPart', 'text'] as const
const rank = (name: (typeof ranks)[number]) => ranks.indexOf(name)

const prepared = new WeakMap<Searched, Prepared>()

function prepare(item: Searched): Prepared {
  const known = prepared.get(item)
  if (known) return known
  const ready = { title: nameOf(item.title), aliases: item.aliases.map(nameOf), words: wordsOf(item.text) }
  prepared.set(item, ready)
  return ready
}

function wordsOf(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter(Boolean)
}
function nameOf(text: string): Name {
  const words = wordsOf(text)
  return { words, closed: words.join('') }
}

/** The items that fit, the best first; all of them, as they came, where nothing is asked. */
export function searchFor<T extends Searched>(items: readonly T[], query: string): readonly T[] {
  const asked = nameOf(query)
  if (asked.closed === '') return items
  const exact = ranked(items, (item) => rankOf(item, asked))
  return exact.length > 0 ? exact : ranked(items, (item) => rankOfSlip(item, asked))
}

function ranked<T>(items: readonly T[], of: (item: T) => number | null): T[] {
  return items
    .map((item, place) => ({ item, place, rank: of(item) }))
    .filter((found): found is typeof found & { rank: number } => found.rank !== null)
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .map(({ item }) => item)
}

function rankOf(item: Searched, asked: Name): number | null {
  const { title, aliases, words } = prepare(item)
  const whole = rankOfName(title, aliases, asked.closed)
  if (whole !== null) return whole
  // Each word somewhere; the one that fits worst decides, so that `conv transpose` is not found by its first half.
  const each = asked.words.map((word) => {
    const named = rankOfName(title, aliases, word)
    return named ?? (words.some((other) => other.startsWith(word)) ? rank('text') : null)
  })
  return each.includes(null) ? null : Math.max(...(each as number[])) + 0.5
}

function rankOfName(title: Name, aliases: readonly Name[], asked: string): number | null {
  if (title.closed === asked) return rank('title')
  if (title.closed.startsWith(asked)) return rank('titleStart')
  if (aliases.some((alias) => alias.closed === asked)) return rank('alias')
  if (title.words.some((word) => word.startsWith(asked))) return rank('titleWord')
  if (aliases.some((alias) => [alias.closed, ...alias.words].some((word) => word.startsWith(asked))))
    return rank('aliasStart')
  // One letter is inside of nearly everything.
  if (asked.length < 2) return null
  if (title.closed.includes(asked)) return rank('titlePart')
  return aliases.some((alias) => alias.closed.includes(asked)) ? rank('aliasPart') : null
}

function rankOfSlip(item: Searched, asked: Name): number | null {
  if (asked.closed.length < 4) return null
  const { title, aliases } = prepare(item)
  const near = (name: Name) =>
    oneSlip(name.closed, asked.closed) ||
    asked.words.every((word) => name.words.some((own) => own === word || oneSlip(own, word)))
  return near(title) ? rank('title') : aliases.some(near) ? rank('alias') : null
}

/** Whether the words differ by one letter that is wrong, missing, too much, or swapped with its neighbour. */
function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 3) return false
  let from = 0
  while (from < a.length && a[from] === b[from]) from++
  const [restA, restB] = [a.slice(from), b.slice(from)]
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2)
}
