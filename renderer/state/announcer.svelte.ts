/** What a screen reader is told of what can only be seen. A page has one voice, so there is one of these. */
class Announcer {
  #turn = $state(0)
  #text = $state.raw('')

  say(text: string): void {
    if (text === '') return
    this.#text = text
    this.#turn++
  }
  /** Two places by turns: the same words twice are heard twice. */
  get places(): readonly [string, string] {
    return this.#turn % 2 === 0 ? [this.#text, ''] : ['', this.#text]
  }
}

export const announcer = new Announcer()
