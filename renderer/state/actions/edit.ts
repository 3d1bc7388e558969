import { chainPorts, contentOf } from '../../../src/document/composites.ts'
import { connected, downstream, upstream } from '../../../src/document/reach.ts'
import type { Actions } from '../commands.svelte.ts'
import type { Studio } from '../studio.svelte.ts'

/** What changes the drawing, and what is selected in it. */
export function editActions(studio: Studio): Actions<'edit'> & Actions<'select'> {
  const { editor } = studio
  const anyBlock = () => editor.selection.blocks.size > 0
  const one = () => (editor.selectedBlock === null ? undefined : editor.graph.blocks[editor.selectedBlock])
  const bypassable = () =>
    [...editor.selection.blocks].some((id) => {
      const node = contentOf(editor.graph, id)
      return node !== undefined && (node.bypassed === true || chainPorts(node) !== null)
    })
  const reach = (follow: typeof upstream) => ({
    enabled: anyBlock,
    run: () => editor.select(follow(editor.graph, editor.selection.blocks)),
  })
  return {
    'edit.undo': { enabled: () => editor.canUndo, run: () => editor.undo() },
    'edit.redo': { enabled: () => editor.canRedo, run: () => editor.redo() },
    'edit.history': { run: () => (studio.dialog = 'history') },
    'edit.cut': { enabled: () => editor.canCopy, run: () => studio.toClipboard(editor.cut()) },
    'edit.copy': { enabled: () => editor.canCopy, run: () => studio.toClipboard(editor.copy()) },
    'edit.paste': { run: () => void studio.fromClipboard() },
    'edit.pasteWired': { run: () => void studio.fromClipboard(true) },
    'edit.duplicate': { enabled: () => editor.canCopy, run: () => editor.duplicate() },
    'edit.delete': { enabled: () => editor.anythingSelected, run: () => editor.deleteSelection() },
    'edit.dissolve': {
      enabled: anyBlock,
      run: () => void editor.edit({ kind: 'dissolve', blocks: [...editor.selection.blocks] }),
    },
    'edit.add': { run: () => studio.canvas?.add() },
    'edit.replace': { enabled: () => one() !== undefined, run: () => studio.canvas?.replace() },
    'edit.connect': { enabled: () => one() !== undefined, run: () => (studio.dialog = 'connect') },
    'edit.rename': { enabled: () => one() !== undefined, run: () => studio.renameSelected() },
    'edit.bypass': { enabled: bypassable, run: () => studio.bypassSelected() },
    'edit.group': { enabled: anyBlock, run: () => studio.group() },
    'edit.unpack': { enabled: () => studio.selectedComposite !== null, run: () => studio.unpackSelected() },
    'edit.keep': { enabled: () => studio.selectedComposite !== null, run: () => studio.keepSelected() },
    'edit.useAgain': { enabled: () => one() !== undefined, run: () => studio.useAgain() },
    'edit.independent': { enabled: () => one()?.shares !== undefined, run: () => studio.makeIndependent() },

    'select.all': { run: () => editor.selectAll() },
    'select.none': { enabled: () => editor.anythingSelected || editor.path.length > 0, run: () => studio.escape() },
    'select.invert': { run: () => editor.selectOthers() },
    'select.upstream': reach(upstream),
    'select.downstream': reach(downstream),
    'select.chain': reach(connected),
  }
}
