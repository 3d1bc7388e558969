/** Lays a drawing out beside the window's own thread. One message in, one out. */
import { layoutOf, type Drawing, type Layout, type LayoutOptions } from '../../src/document/layout.ts'
import { inRows, type View } from '../../src/document/layout/rows.ts'

export interface TidyRequest {
  readonly drawing: Drawing
  readonly options: TidyOptions
}

export interface TidyOptions extends LayoutOptions {
  /** What it is looked at in: where it would be too small to be read in one row, it is folded into several. */
  readonly view?: View
}

/** The types of a worker and of a window cannot both be known. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<TidyRequest>) => void) | null
  postMessage(message: Layout): void
}

const scope = globalThis as unknown as WorkerScope

scope.onmessage = ({ data: { drawing, options } }) => {
  const layout = layoutOf(drawing, options)
  scope.postMessage(options.view ? inRows(layout, drawing, options.view) : layout)
}
