/** How much a file of strangers may ask for. Checked before anything of that size is allocated. */

/** Bytes of one text file; a string in V8 ends at about 512 million characters. */
export const MAX_TEXT_BYTES = 400_000_000
/** Columns of a table. */
export const MAX_COLUMNS = 16_384
/** Characters of one cell. */
export const MAX_CELL = 1_000_000
/** Cells of a table: room for MNIST as CSV (47 million). */
export const MAX_CELLS = 100_000_000
/** Different values of one categorical column; also classes of a target. */
export const MAX_CATEGORIES = 1000
/** Problems of one kind that are listed; more say no more. */
export const MAX_LISTED = 20
