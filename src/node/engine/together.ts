/**
 * Work that several want at the same time is done once. All of them watch it; who leaves it (a pause that throws) leaves it to the
 * others, and with the last of them it ends.
 */
import type { Watch } from './reading.ts'

export class Together<T> {
  readonly #under = new Map<string, Common<T>>()

  /** Joins what is under way by this name, or begins it. Nobody comes too late as long as it goes on. */
  do(key: string, watch: Watch, work: (watch: Watch) => Promise<T>): Promise<T> {
    const known = this.#under.get(key)
    if (known) return known.join(watch)
    const common = new Common<T>(() => {
      if (this.#under.get(key) === common) this.#under.delete(key)
    })
    this.#under.set(key, common)
    const joined = common.join(watch)
    common.go(work)
    return joined
  }
}

interface Member<T> {
  readonly watch: Watch
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

class Common<T> {
  readonly #members = new Set<Member<T>>()
  /** Nobody is to join any more. */
  readonly #close: () => void
  /** What who comes later is told first. */
  #stage: Parameters<Watch['begin']>[0] | undefined
  #share = 0

  constructor(close: () => void) {
    this.#close = close
  }

  join(watch: Watch): Promise<T> {
    if (this.#stage) {
      watch.begin(this.#stage)
      watch.progress(this.#share)
    }
    return new Promise((resolve, reject) => this.#members.add({ watch, resolve, reject }))
  }

  go(work: (watch: Watch) => Promise<T>): void {
    const end = (tell: (member: Member<T>) => void) => {
      this.#close()
      this.#members.forEach(tell)
    }
    work(this.#watch).then(
      (value) => end(({ resolve }) => resolve(value)),
      (reason: unknown) => end(({ reject }) => reject(reason)),
    )
  }

  readonly #watch: Watch = {
    begin: (stage) => {
      this.#stage = stage
      this.#share = 0
      for (const { watch } of this.#members) watch.begin(stage)
    },
    progress: (share) => {
      this.#share = share
      for (const { watch } of this.#members) watch.progress(share)
    },
    pause: async () => {
      let last: unknown
      const leave = (member: Member<T>) => (reason: unknown) => {
        this.#members.delete(member)
        member.reject(reason)
        last = reason
      }
      await Promise.all([...this.#members].map((member) => member.watch.pause().catch(leave(member))))
      if (this.#members.size > 0) return
      this.#close()
      throw last
    },
  }
}
