/** What tables and lists call pictures and recordings: their path, their name where it is the only one, either without its ending. */
export class FileNames {
  /** Its index; where several have the name, -1 minus how near these are. */
  readonly #byName = new Map<string, number>()

  /** `nearness`: of two files of one name the nearer one is meant; of two that are equally near, none. */
  constructor(paths: readonly string[], nearness: (index: number) => number = () => 0) {
    const add = (name: string, i: number) => {
      const known = this.#byName.get(name)
      const before = known === undefined ? -1 : known < 0 ? -1 - known : nearness(known)
      const near = nearness(i)
      if (near > before) this.#byName.set(name, i)
      else if (near === before && known !== i) this.#byName.set(name, -1 - near)
    }
    paths.forEach((path, i) => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      for (const text of new Set([path, name, withoutEnding(path), withoutEnding(name)])) add(text, i)
    })
    // Where a table has many different numbers, these come without the zeros before them.
    const bare = new Map<string, number>()
    paths.forEach((path, i) => {
      const name = withoutEnding(path.slice(path.lastIndexOf('/') + 1))
      if (!/^0\d{1,14}$/.test(name) || this.#byName.get(name) !== i) return
      const number = String(Number(name))
      bare.set(number, bare.has(number) ? -1 : i)
    })
    for (const [number, i] of bare) if (!this.#byName.has(number)) this.#byName.set(number, i)
    // A whole path is never in doubt, even where a name elsewhere is the same text.
    paths.forEach((path, i) => this.#byName.set(path, i))
  }

  find(text: string): number | undefined {
    const path = text.replaceAll('\\', '/').replace(/^\.\//, '')
    const found = this.#byName.get(path)
    if (found !== undefined && found >= 0) return found
    // It may begin with folders that were not chosen.
    const from = path.indexOf('/')
    return from < 0 ? undefined : this.find(path.slice(from + 1))
  }
}

function withoutEnding(name: string): string {
  return name.replace(/(?<=[^/])\.[^./]+$/, '')
}
