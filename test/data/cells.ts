/** A file of cells as a store has it, in memory; it counts what is asked of it. */
import type { CellFile } from '../../src/data/types.ts'

export class KeptCells implements CellFile {
  readonly block: number
  /** What was read: places and lengths. */
  readonly reads: [number, number][] = []
  readonly writes: number[] = []
  isClosed = false
  bytes = new Uint8Array()

  constructor(block: number) {
    this.block = block
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.isClosed) throw new Error('closed')
    const place = this.bytes.length
    const own = bytes.slice()
    await Promise.resolve()
    const longer = new Uint8Array(place + own.length)
    longer.set(this.bytes)
    longer.set(own, place)
    this.bytes = longer
    this.writes.push(own.length)
    return place
  }

  read(place: number, bytes: Uint8Array): Promise<void> {
    this.readNow(place, bytes)
    return Promise.resolve()
  }

  readNow(place: number, bytes: Uint8Array): void {
    if (place + bytes.length > this.bytes.length) throw new Error(`there are ${this.bytes.length} bytes`)
    this.reads.push([place, bytes.length])
    bytes.set(this.bytes.subarray(place, place + bytes.length))
  }

  rewrite(place: number, bytes: Uint8Array): void {
    if (this.isClosed || place + bytes.length > this.bytes.length) throw new Error('not there')
    this.bytes.set(bytes, place)
  }

  close(): void {
    this.isClosed = true
  }
}
