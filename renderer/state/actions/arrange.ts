import type { Alignment } from '../../canvas/arrange.ts'
import { GRID } from '../../canvas/drag.ts'
import type { Actions } from '../commands.svelte.ts'
import type { Studio } from '../studio.svelte.ts'

/** Where things lie. */
export function arrangeActions(studio: Studio): Actions<'arrange'> {
  const { editor } = studio
  const places = () => editor.selection.blocks.size + editor.selection.annotations.size
  const align = (how: Alignment) => ({ enabled: () => places() > 1, run: () => studio.canvas?.align(how) })
  const distribute = (how: 'horizontal' | 'vertical') => ({
    enabled: () => places() > 2,
    run: () => studio.canvas?.distribute(how),
  })
  const nudge = (x: number, y: number) => ({
    enabled: () => places() > 0,
    run: () => editor.nudge({ x: x * GRID, y: y * GRID }, studio.canvas?.framed()),
  })
  return {
    'arrange.tidyAll': { run: () => void studio.canvas?.tidy(false) },
    'arrange.tidy': { enabled: () => editor.selection.blocks.size > 1, run: () => void studio.canvas?.tidy(true) },
    'arrange.left': align('left'),
    'arrange.centre': align('centre'),
    'arrange.right': align('right'),
    'arrange.top': align('top'),
    'arrange.middle': align('middle'),
    'arrange.bottom': align('bottom'),
    'arrange.horizontally': distribute('horizontal'),
    'arrange.vertically': distribute('vertical'),
    'arrange.nudgeLeft': nudge(-1, 0),
    'arrange.nudgeRight': nudge(1, 0),
    'arrange.nudgeUp': nudge(0, -1),
    'arrange.nudgeDown': nudge(0, 1),
    'arrange.pushLeft': nudge(-4, 0),
    'arrange.pushRight': nudge(4, 0),
    'arrange.pushUp': nudge(0, -4),
    'arrange.pushDown': nudge(0, 4),
    'arrange.frame': { run: () => studio.canvas?.annotate('frame') },
    'arrange.note': { run: () => studio.canvas?.annotate('note') },
    'arrange.fold': { enabled: () => editor.selection.blocks.size > 0, run: () => studio.foldSelected() },
    'arrange.inside': {
      enabled: () => studio.selectedComposite !== null,
      run: () => {
        const id = studio.selectedComposite
        if (id !== null) studio.fold(id, studio.isUnfolded(id))
      },
    },
  }
}
