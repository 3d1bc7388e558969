/** Which of many numbers are equal; NaN equals itself. Takes 6 to 12 bytes a number, and as many of them as there are places. */

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

export class Equal {
  readonly #values: ArrayLike<number>
  /** Places that were noted, counted from 1, each as near as possible behind where its value belongs. */
  readonly #slots: Uint32Array

  /** `most`: how many of the values will be noted. */
  constructor(values: ArrayLike<number>, most: number) {
    this.#values = values
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, 1.5 * most))))
  }

  /** Notes the value at a place, and tells where an equal one was noted first: there, or at a place before. */
  note(place: number): number {
    const slot = this.#slotOf(this.#values[place] as number)
    const known = this.#slots[slot] as number
    if (known > 0) return known - 1
    this.#slots[slot] = place + 1
    return place
  }

  /** Whether such a value was noted. */
  has(value: number): boolean {
    return (this.#slots[this.#slotOf(value)] as number) > 0
  }

  /** Where it is, or would be. */
  #slotOf(value: number): number {
    const slots = this.#slots
    const isNumber = value === value
    // -0 is 0.
    double[0] = isNumber ? value + 0 : 0
    let hash = Math.imul((words[0] as number) ^ 0x9e3779b9, 0x2c1b3c6d)
    hash = Math.imul((hash ^ (hash >>> 15)) + (words[1] as number), 0x297a2d39)
    hash ^= hash >>> 14
    for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const known = slots[slot] as number
      if (known === 0) return slot
      const other = this.#values[known - 1] as number
      if (other === value || (!isNumber && other !== other)) return slot
    }
  }
}
