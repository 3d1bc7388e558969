/** Search-to-add: what is wanted, what fits, and in which order it is offered. */
import { entriesWith, grouped, templateNamed, type Entry } from '../palette/catalogue.ts'
import { searchFor } from '../palette/search.ts'
import { Slices } from '../state/slices.ts'
import type { Studio } from '../state/studio.svelte.ts'
import { offerOf, type Offer, type Wanted } from './offers.ts'

const MOST_RECENT = 8

export interface Candidate {
  readonly entry: Entry
  /** Undefined until it has been looked at; null where it can't be put there at all. */
  readonly offer: Offer | null | undefined
}

export class Adding {
  readonly #studio: Studio
  readonly wanted: Wanted
  /** Only what fits is offered. */
  readonly strict: boolean
  query = $state('')
  #offers = new Map<string, Offer | null>()
  #looked = $state(0)
  /** Keys of what is to be looked at, in the order of what was asked for. */
  #waiting: string[] = []
  #asked: string | null = null
  readonly #slices = new Slices(
    () => this.#look(),
    () => void this.#looked++,
  )

  constructor(studio: Studio, wanted: Wanted) {
    this.#studio = studio
    this.wanted = wanted
    this.strict = wanted.kind === 'wired' || wanted.kind === 'onWire'
    this.#slices.begin()
  }

  /** By their keys, the last first. */
  get #recent(): readonly string[] {
    return this.#studio.view.get('recent')
  }

  readonly #all: readonly Entry[] = $derived.by(() => {
    const entries = grouped(entriesWith(this.#studio.own.list), '').flatMap((group) => group.entries)
    const recent = this.#recent
    const place = (entry: Entry) => {
      const at = recent.indexOf(entry.key)
      return at < 0 ? recent.length : at
    }
    return [...entries].sort((a, b) => place(a) - place(b))
  })

  readonly candidates: readonly Candidate[] = $derived.by(() => {
    if (this.#looked < 0) return []
    const found = searchFor(this.#all, this.query).map((entry) => ({ entry, offer: this.#offers.get(entry.key) }))
    if (this.strict) return found.filter(({ offer }) => offer?.problem === null)
    // What would break something comes last.
    const bad = ({ offer }: Candidate) => offer === null || (offer !== undefined && offer.problem !== null)
    return [...found.filter((one) => !bad(one)), ...found.filter((one) => bad(one) && one.offer !== null)]
  })

  /** Everything has been looked at. */
  readonly settled: boolean = $derived.by(() => this.#looked >= 0 && this.#offers.size >= this.#all.length)

  /** At the next one, what is asked for first. */
  #look(): boolean {
    if (this.query !== this.#asked) {
      this.#asked = this.query
      this.#waiting = [...searchFor(this.#all, this.query), ...this.#all].map(({ key }) => key)
    }
    for (let key = this.#waiting.shift(); key !== undefined; key = this.#waiting.shift()) {
      if (this.#offers.has(key)) continue
      const template = templateNamed(key, this.#studio.own.list)
      this.#offers.set(key, template && offerOf(this.#studio.editor, this.wanted, template))
      return true
    }
    return false
  }

  /** True when it was done. */
  choose({ entry }: Candidate): boolean {
    const { editor, own, view } = this.#studio
    const template = templateNamed(entry.key, own.list)
    const offer = template && offerOf(editor, this.wanted, template)
    if (!offer) return false
    view.set('recent', [entry.key, ...this.#recent.filter((key) => key !== entry.key)].slice(0, MOST_RECENT))
    let done = false
    this.#studio.attempt(() => (done = editor.edit(offer.edit)))
    if (done) editor.select([offer.block])
    return done
  }

  stop(): void {
    this.#slices.stop()
  }
}
