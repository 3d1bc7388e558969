/** What the window has to tell: banners that stay until they are dealt with. The same `key` replaces what was said before. */
export interface Notice {
  readonly key: string
  readonly kind: 'error' | 'warning' | 'info'
  readonly message: string
  readonly action?: { readonly label: string; readonly run: () => void }
  /** Goes away by itself after so many milliseconds. */
  readonly lasts?: number
}

export class Notices {
  list = $state.raw<readonly Notice[]>([])
  #timers = new Map<string, ReturnType<typeof setTimeout>>()

  show(notice: Notice): void {
    this.dismiss(notice.key)
    this.list = [...this.list, notice]
    if (notice.lasts !== undefined)
      this.#timers.set(
        notice.key,
        setTimeout(() => this.dismiss(notice.key), notice.lasts),
      )
  }
  error(key: string, message: string): void {
    this.show({ key, kind: 'error', message })
  }
  dismiss(key: string): void {
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    if (this.list.some((notice) => notice.key === key)) this.list = this.list.filter((notice) => notice.key !== key)
  }
}
