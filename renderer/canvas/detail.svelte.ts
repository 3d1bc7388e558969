/**
 * How much of blocks and wires is drawn. Where many are in view nobody can read what stands on them, and each frame would pay
 * for it; so in a large drawing that is seen from afar blocks are heads, and from further still plain shapes of their colour.
 */
import { createContext } from 'svelte'

export type Detail = 'all' | 'heads' | 'shapes'

/** Zooms below which less is drawn. */
const HEADS = 0.6
export const SHAPES = 0.35
/** Drawings of fewer blocks are always drawn whole. */
export const LARGE = 150

export class Details {
  /** Told by the canvas rather than derived: what a thousand blocks read may change only when it really does. */
  shown: Detail = $state('all')

  look(zoom: number, blocks: number): void {
    this.shown = blocks <= LARGE || zoom >= HEADS ? 'all' : zoom >= SHAPES ? 'heads' : 'shapes'
  }
}

export const [detailsContext, provideDetails] = createContext<Details>()
