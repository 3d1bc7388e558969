/**
 * Everything that a person can tell the window to do, as one list. Keys, menu items, tooltips and the list of shortcuts
 * all read it; nothing else knows a key.
 */
import type { Studio } from './studio.svelte.ts'

export const groups = ['Document', 'Edit', 'View', 'Training', 'Help'] as const

export interface Command {
  readonly id: string
  readonly group: (typeof groups)[number]
  readonly label: string
  readonly shortcuts: readonly string[]
  /** Its keys work while a field is being typed in. */
  readonly everywhere?: boolean
  /** The browser sends an event of its own for its keys (copy, cut, paste), which carries the text. */
  readonly native?: boolean
  enabled(): boolean
  run(): void
}

const always = () => true

export function createCommands(studio: Studio): readonly Command[] {
  const { editor, view, run } = studio
  const document: Omit<Command, 'group'>[] = [
    {
      id: 'document.new',
      label: 'New',
      shortcuts: ['Mod+N'],
      everywhere: true,
      enabled: always,
      run: () => studio.newDocument(),
    },
    {
      id: 'document.open',
      label: 'Open…',
      shortcuts: ['Mod+O'],
      everywhere: true,
      enabled: always,
      run: () => void studio.openFile(),
    },
    {
      id: 'document.save',
      label: 'Save',
      shortcuts: ['Mod+S'],
      everywhere: true,
      enabled: always,
      run: () => void studio.save(false),
    },
    {
      id: 'document.saveAs',
      label: 'Save as…',
      shortcuts: ['Mod+Shift+S'],
      everywhere: true,
      enabled: always,
      run: () => void studio.save(true),
    },
  ]
  const anyBlock = () => editor.selection.blocks.size > 0
  const anything = () => anyBlock() || editor.selection.wires.size > 0
  const one = () => (editor.selectedBlock === null ? undefined : editor.document.graph.blocks[editor.selectedBlock])
  const edit: Omit<Command, 'group'>[] = [
    { id: 'edit.undo', label: 'Undo', shortcuts: ['Mod+Z'], enabled: () => editor.canUndo, run: () => editor.undo() },
    {
      id: 'edit.redo',
      label: 'Redo',
      shortcuts: ['Mod+Shift+Z', 'Mod+Y'],
      enabled: () => editor.canRedo,
      run: () => editor.redo(),
    },
    {
      id: 'edit.cut',
      label: 'Cut',
      shortcuts: ['Mod+X'],
      native: true,
      enabled: anyBlock,
      run: () => studio.toClipboard(editor.cut()),
    },
    {
      id: 'edit.copy',
      label: 'Copy',
      shortcuts: ['Mod+C'],
      native: true,
      enabled: anyBlock,
      run: () => studio.toClipboard(editor.copy()),
    },
    {
      id: 'edit.paste',
      label: 'Paste',
      shortcuts: ['Mod+V'],
      native: true,
      enabled: always,
      run: () => void studio.fromClipboard(),
    },
    {
      id: 'edit.duplicate',
      label: 'Duplicate',
      shortcuts: ['Mod+D'],
      enabled: anyBlock,
      run: () => editor.duplicate(),
    },
    {
      id: 'edit.delete',
      label: 'Delete',
      shortcuts: ['Delete', 'Backspace'],
      enabled: anything,
      run: () => editor.deleteSelection(),
    },
    { id: 'edit.selectAll', label: 'Select all', shortcuts: ['Mod+A'], enabled: always, run: () => editor.selectAll() },
    {
      id: 'edit.selectNone',
      label: 'Select none',
      shortcuts: ['Escape'],
      enabled: anything,
      run: () => editor.selectNone(),
    },
    {
      id: 'edit.rename',
      label: 'Rename block',
      shortcuts: ['F2'],
      enabled: () => one() !== undefined,
      run: () => studio.renameSelected(),
    },
    {
      id: 'edit.group',
      label: 'Group into a composite',
      shortcuts: ['Mod+G'],
      enabled: anyBlock,
      run: () => studio.group(),
    },
    {
      id: 'edit.unpack',
      label: 'Unpack',
      shortcuts: ['Mod+Shift+G'],
      enabled: () => studio.selectedComposite !== null,
      run: () => studio.unpackSelected(),
    },
    {
      id: 'edit.fold',
      label: 'Open or fold composite',
      shortcuts: ['Alt+C'],
      enabled: () => studio.selectedComposite !== null,
      run: () => studio.foldSelected(),
    },
    {
      id: 'edit.keep',
      label: 'Keep composite in the palette',
      shortcuts: [],
      enabled: () => studio.selectedComposite !== null,
      run: () => studio.keepSelected(),
    },
    {
      id: 'edit.useAgain',
      label: 'Use again with shared weights',
      shortcuts: ['Mod+Shift+D'],
      enabled: () => one() !== undefined,
      run: () => studio.useAgain(),
    },
    {
      id: 'edit.independent',
      label: 'Make independent',
      shortcuts: [],
      enabled: () => one()?.shares !== undefined,
      run: () => studio.makeIndependent(),
    },
  ]
  const look: Omit<Command, 'group'>[] = [
    {
      id: 'view.commands',
      label: 'All commands…',
      shortcuts: ['Mod+K'],
      everywhere: true,
      enabled: always,
      run: () => (studio.dialog = 'commands'),
    },
    { id: 'view.fit', label: 'Fit drawing', shortcuts: ['Home'], enabled: always, run: () => studio.canvas?.fit() },
    {
      id: 'view.zoomIn',
      label: 'Zoom in',
      shortcuts: ['Mod+='],
      everywhere: true,
      enabled: always,
      run: () => studio.canvas?.zoom(1.25),
    },
    {
      id: 'view.zoomOut',
      label: 'Zoom out',
      shortcuts: ['Mod+-'],
      everywhere: true,
      enabled: always,
      run: () => studio.canvas?.zoom(0.8),
    },
    {
      id: 'view.actualSize',
      label: 'Actual size',
      shortcuts: ['Mod+0'],
      everywhere: true,
      enabled: always,
      run: () => studio.canvas?.actualSize(),
    },
    {
      id: 'view.palette',
      label: 'Palette',
      shortcuts: ['Mod+1'],
      everywhere: true,
      enabled: always,
      run: () => view.toggle('palette'),
    },
    {
      id: 'view.inspector',
      label: 'Inspector',
      shortcuts: ['Mod+2'],
      everywhere: true,
      enabled: always,
      run: () => view.toggle('inspector'),
    },
    {
      id: 'view.charts',
      label: 'Charts',
      shortcuts: ['Mod+3'],
      everywhere: true,
      enabled: always,
      run: () => view.toggle('charts'),
    },
    { id: 'view.theme', label: 'Light or dark', shortcuts: [], enabled: always, run: () => view.nextTheme() },
  ]
  const paused = () => run.state === 'paused'
  const training: Omit<Command, 'group'>[] = [
    {
      id: 'run.start',
      label: 'Train',
      shortcuts: ['Mod+Enter'],
      everywhere: true,
      enabled: () => studio.canTrain,
      run: () => void studio.train(),
    },
    {
      id: 'run.pause',
      label: 'Pause or resume',
      shortcuts: ['F8'],
      everywhere: true,
      enabled: () => run.state === 'running' || paused(),
      run: () => void (paused() ? run.resume() : run.pause()),
    },
    {
      id: 'run.step',
      label: 'Step one batch',
      shortcuts: ['F10'],
      everywhere: true,
      enabled: () => studio.canStep,
      run: () => void studio.step(),
    },
    {
      id: 'run.stop',
      label: 'Stop',
      shortcuts: ['Mod+Alt+Enter'],
      everywhere: true,
      enabled: () => run.active,
      run: () => void run.stop(),
    },
  ]
  const help: Omit<Command, 'group'>[] = [
    {
      id: 'help.shortcuts',
      label: 'Keyboard shortcuts',
      shortcuts: ['?'],
      enabled: always,
      run: () => (studio.dialog = 'shortcuts'),
    },
  ]
  const inGroup = (group: Command['group'], list: Omit<Command, 'group'>[]) =>
    list.map((command) => ({ ...command, group }))
  return [
    ...inGroup('Document', document),
    ...inGroup('Edit', edit),
    ...inGroup('View', look),
    ...inGroup('Training', training),
    ...inGroup('Help', help),
  ]
}

/** Runs the command that belongs to a key, if there is one that may run now. True when it did. */
export function runShortcut(commands: readonly Command[], chord: string, typing: boolean): boolean {
  const command = commands.find((candidate) => !candidate.native && candidate.shortcuts.includes(chord))
  if (!command || (typing && !command.everywhere)) return false
  if (command.enabled()) command.run()
  return true
}
