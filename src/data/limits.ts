/** How much a file of strangers may ask for. Checked before anything of that size is allocated. */

/** Bytes of one row of a table of text. */
export const MAX_RECORD = 16_000_000
/** Columns of a table. */
export const MAX_COLUMNS = 16_384
/** Characters of one cell. */
export const MAX_CELL = 1_000_000
/** Characters of a column's name. */
export const MAX_NAME = 500
/** Cells of a table: room for MNIST as CSV (47 million). */
export const MAX_CELLS = 100_000_000
/** Different values of one categorical column; also classes of a target. */
export const MAX_CATEGORIES = 1000
/** Problems of one kind that are listed; more say no more. */
export const MAX_LISTED = 20
/** Records that could not be taken and are listed one by one. */
export const MAX_BAD = 10_000
/** Different texts of one column that are kept; whatever else it holds is one text, `OTHER_TEXTS`. */
export const MAX_TEXTS = 100_000
export const OTHER_TEXTS = '…'
/** Bytes that the different texts of one column may take, two a character, and those of all columns, each of which has an equal share. */
export const MAX_TEXT_BYTES = 32 * 1024 ** 2
export const MAX_TABLE_TEXT_BYTES = 512 * 1024 ** 2
/** Bytes that the examples of a set may take in memory. */
export const MAX_EXAMPLE_BYTES = 2 * 1024 ** 3
/** Bytes that they may take in a file, where they are more than memory is to hold. */
export const MAX_STORED_BYTES = 64 * 1024 ** 3
/** Rows of a table that is more than `MAX_CELLS`: for each some 60 bytes are in memory while it is prepared, whatever its columns. */
export const MAX_STORED_ROWS = 2 ** 25
/** Bytes of one example among them, of which several are in memory at a time. */
export const MAX_STORED_EXAMPLE = 256 * 1024 ** 2
/** How many times its size on the disk a file may unzip to, where that is more than memory is to hold or a text has. */
export const MAX_UNZIPPED = 100
/** Bytes of one picture's file. */
export const MAX_PICTURE_BYTES = 64_000_000
/** Pixels of one picture (8192 × 8192), and of each of its sides. */
export const MAX_PICTURE_PIXELS = 64 * 1024 ** 2
export const MAX_PICTURE_SIDE = 16_384
/** Scans of one JPEG: progressive ones have about ten, and each goes over the whole picture. */
export const MAX_JPEG_SCANS = 100
/** Chunks of a WAV file before its samples. */
export const MAX_CHUNKS = 1000
/** Samples a second that a recording may have. */
export const MAX_SAMPLE_RATE = 768_000
/** Samples of one recording, over half an hour of music. */
export const MAX_SAMPLES = 100_000_000
/** Bytes of a zipped text or table that are read whatever its size; beyond it `MAX_UNZIPPED` holds. */
export const MAX_PROSE_BYTES = 100_000_000
/** Different words of a text that are counted at a time; beyond it the rarest are forgotten. */
export const MAX_WORDS = 1_000_000
/** Windows of a text: of each its target, its side and whether it equals another are in memory. */
export const MAX_WINDOWS = 16_000_000
/** Characters of one word; a longer one is cut into several. */
export const MAX_WORD = 64
/** Examples that are called by their place in the file; beyond it by their number only. */
export const MAX_NAMED = 1_000_000
/** Bytes of the header of a NumPy array; NumPy itself takes no longer ones from strangers. */
export const MAX_NPY_HEADER = 10_000
/** Axes of an array in a file, the examples' one included. */
export const MAX_AXES = 4
/** Entries of a zip archive. */
export const MAX_ZIP_ENTRIES = 1000
/** Bytes of the list of a zip archive's entries. */
export const MAX_ZIP_LIST = 1_000_000
/** Brackets within brackets in a line of JSON. */
export const MAX_JSON_DEPTH = 8
/** Numbers of a list in a line of JSON, each of which becomes a column. Of lists of texts each different text does. */
export const MAX_JSON_LIST = 64
/** Bytes of the description at the end of a Parquet file. */
export const MAX_PARQUET_FOOTER = 16_000_000
/** Bytes of one page of a Parquet file when it is decompressed. */
export const MAX_PARQUET_PAGE = 256_000_000
/** Columns times row groups of a Parquet file. */
export const MAX_PARQUET_CHUNKS = 500_000
/** Numbers of the examples that are shown at once. */
export const MAX_SHOWN_VALUES = 4_000_000
