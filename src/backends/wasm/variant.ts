/**
 * How products are computed, for what the engine below us offers. `madd`: one instruction multiplies and adds, rounding once
 * where the processor can. Tiles are as large as the sums fit into registers: 16 columns where the engine makes 256-bit
 * instructions of pairs of ours, which it does only for such pairs; elsewhere that many would spill.
 */
export interface Variant {
  readonly name: 'plain' | 'relaxed' | 'wide'
  /** What a person reads in `devices`. */
  readonly title: string
  readonly madd: boolean
  /** Rows and columns of a full tile. */
  readonly rows: number
  readonly columns: number
}

export const plain: Variant = { name: 'plain', title: '128 bit', madd: false, rows: 4, columns: 8 }
const relaxed: Variant = { name: 'relaxed', title: '128 bit, fused multiply-add', madd: true, rows: 6, columns: 8 }
const wide: Variant = { name: 'wide', title: '256 bit, fused multiply-add', madd: true, rows: 6, columns: 16 }

/** From what runs everywhere to what is fastest where it runs. */
export const variants: readonly Variant[] = [plain, relaxed, wide]
