/** The confusion matrix as it is painted and walked through. */

/**
 * How much colour a share of its row has, in percent. The words of the theme are read on up to 40 % in all of
 * them, those of the accent from 88 % on; between them neither is.
 */
export function inkOf(share: number): { readonly percent: number; readonly light: boolean } {
  if (!(share > 0)) return { percent: 0, light: false }
  return share < 0.6 ? { percent: 4 + share * 60, light: false } : { percent: 88 + (share - 0.6) * 30, light: true }
}

/** Where a key leads from a cell; null for keys that lead nowhere. */
export function step(key: string, cell: number, size: number): number | null {
  const [row, column] = [Math.floor(cell / size), cell % size]
  switch (key) {
    case 'ArrowRight':
      return row * size + Math.min(size - 1, column + 1)
    case 'ArrowLeft':
      return row * size + Math.max(0, column - 1)
    case 'ArrowDown':
      return Math.min(size - 1, row + 1) * size + column
    case 'ArrowUp':
      return Math.max(0, row - 1) * size + column
    case 'Home':
      return row * size
    case 'End':
      return row * size + size - 1
    default:
      return null
  }
}
