import { focusFields, nextRegion } from '../../outline/reach.ts'
import type { Actions } from '../commands.svelte.ts'
import type { Studio } from '../studio.svelte.ts'

/** What is seen, and how. */
export function viewActions(studio: Studio): Actions<'view'> {
  const { editor, view } = studio
  return {
    'view.commands': { run: () => (studio.dialog = 'commands') },
    'view.find': { run: () => (studio.finding = true) },
    'view.enter': { enabled: () => studio.selectedComposite !== null, run: () => studio.enterSelected() },
    'view.leave': { enabled: () => editor.path.length > 0, run: () => void editor.leave() },
    'view.fit': { run: () => studio.canvas?.fit() },
    'view.fitSelection': { enabled: () => editor.anythingSelected, run: () => studio.canvas?.fitSelection() },
    'view.zoomIn': { run: () => studio.canvas?.zoom(1.25) },
    'view.zoomOut': { run: () => studio.canvas?.zoom(0.8) },
    'view.actualSize': { run: () => studio.canvas?.actualSize() },
    'view.palette': { run: () => studio.showLeft('blocks') },
    'view.outline': { run: () => studio.showLeft('outline') },
    'view.inspector': { run: () => view.toggle('inspector') },
    'view.charts': { run: () => view.toggle('charts') },
    'view.focus': { run: () => view.toggle('focus') },
    'view.snap': { run: () => view.toggle('snap') },
    'view.region': { run: () => nextRegion(1) },
    'view.regionBack': { run: () => nextRegion(-1) },
    'view.fields': { enabled: () => editor.selection.blocks.size > 0, run: () => void focusFields(studio) },
    'view.theme': { run: () => view.nextTheme() },
    'view.settings': { run: () => (studio.dialog = 'settings') },
  }
}
