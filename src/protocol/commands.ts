/**
 * Everything that a person can tell the window to do, as one table: what it is called, where it belongs and its keys. The
 * window says what each does (renderer/state/actions); menus, context menus, the list of commands, tooltips and the list of
 * shortcuts all read it, and so does the application menu of the desktop.
 *
 * Keys are written as people read them: `Mod+Shift+Z`, `F8`, `?`. `Mod` is ⌘ on a Mac and Ctrl elsewhere. Shift is named only
 * with letters and named keys; a sign like `?` says by itself how it is typed. `Alt+S U` is one after the other.
 */
export const commandGroups = ['Document', 'Edit', 'Select', 'Arrange', 'View', 'Training', 'Help'] as const
export type CommandGroup = (typeof commandGroups)[number]

export interface CommandEntry {
  readonly group: CommandGroup
  readonly label: string
  readonly keys: readonly string[]
  /** Its keys work while a field is being typed in. */
  readonly everywhere?: boolean
  /** The browser sends an event of its own for its keys (copy, cut, paste), which carries the text. */
  readonly native?: boolean
}

const table = {
  'document.new': { group: 'Document', label: 'New', keys: ['Mod+N', 'Alt+N'], everywhere: true },
  'document.open': { group: 'Document', label: 'Open…', keys: ['Mod+O'], everywhere: true },
  'document.save': { group: 'Document', label: 'Save', keys: ['Mod+S'], everywhere: true },
  'document.saveAs': { group: 'Document', label: 'Save as…', keys: ['Mod+Shift+S'], everywhere: true },
  'document.close': { group: 'Document', label: 'Close', keys: ['Mod+W', 'Alt+W'], everywhere: true },
  'document.reopen': {
    group: 'Document',
    label: 'Open what was closed',
    keys: ['Mod+Shift+T', 'Alt+Shift+T'],
    everywhere: true,
  },
  'document.next': { group: 'Document', label: 'Next document', keys: ['Mod+Alt+ArrowRight'], everywhere: true },
  'document.previous': { group: 'Document', label: 'Previous document', keys: ['Mod+Alt+ArrowLeft'], everywhere: true },

  'edit.undo': { group: 'Edit', label: 'Undo', keys: ['Mod+Z'] },
  'edit.redo': { group: 'Edit', label: 'Redo', keys: ['Mod+Shift+Z', 'Mod+Y'] },
  'edit.history': { group: 'Edit', label: 'History…', keys: ['Mod+Shift+H'] },
  'edit.cut': { group: 'Edit', label: 'Cut', keys: ['Mod+X'], native: true },
  'edit.copy': { group: 'Edit', label: 'Copy', keys: ['Mod+C'], native: true },
  'edit.paste': { group: 'Edit', label: 'Paste', keys: ['Mod+V'], native: true },
  'edit.pasteWired': { group: 'Edit', label: 'Paste with incoming wires', keys: ['Mod+Shift+V'] },
  'edit.duplicate': { group: 'Edit', label: 'Duplicate', keys: ['Mod+D'] },
  'edit.delete': { group: 'Edit', label: 'Delete', keys: ['Delete', 'Backspace'] },
  'edit.dissolve': { group: 'Edit', label: 'Delete and reconnect', keys: ['Mod+Shift+Delete', 'Mod+Shift+Backspace'] },
  'edit.add': { group: 'Edit', label: 'Add block…', keys: ['Tab', 'Shift+A'] },
  'edit.replace': { group: 'Edit', label: 'Replace by…', keys: ['R'] },
  'edit.connect': { group: 'Edit', label: 'Connect to…', keys: ['L', 'Alt+L'] },
  'edit.rename': { group: 'Edit', label: 'Rename', keys: ['F2'] },
  'edit.bypass': { group: 'Edit', label: 'Bypass or use again', keys: ['Mod+B', 'M'] },
  'edit.group': { group: 'Edit', label: 'Group into a composite', keys: ['Mod+G'] },
  'edit.unpack': { group: 'Edit', label: 'Unpack', keys: ['Mod+Shift+G'] },
  'edit.keep': { group: 'Edit', label: 'Keep composite in the palette', keys: [] },
  'edit.useAgain': { group: 'Edit', label: 'Use again with shared weights', keys: ['Mod+Shift+D'] },
  'edit.independent': { group: 'Edit', label: 'Make independent', keys: [] },

  'select.all': { group: 'Select', label: 'Select all', keys: ['Mod+A'] },
  'select.none': { group: 'Select', label: 'Select none', keys: ['Escape'] },
  'select.invert': { group: 'Select', label: 'Select the others', keys: ['Mod+Shift+I'] },
  'select.upstream': { group: 'Select', label: 'Select what leads here', keys: ['Alt+S U'] },
  'select.downstream': { group: 'Select', label: 'Select what comes after', keys: ['Alt+S D'] },
  'select.chain': { group: 'Select', label: 'Select the whole chain', keys: ['Alt+S C'] },

  'arrange.tidyAll': { group: 'Arrange', label: 'Tidy the drawing', keys: ['Mod+Shift+L'] },
  'arrange.tidy': { group: 'Arrange', label: 'Tidy the selection', keys: ['Shift+L'] },
  'arrange.left': { group: 'Arrange', label: 'Align left', keys: ['Alt+A L'] },
  'arrange.centre': { group: 'Arrange', label: 'Align centres', keys: ['Alt+A C'] },
  'arrange.right': { group: 'Arrange', label: 'Align right', keys: ['Alt+A R'] },
  'arrange.top': { group: 'Arrange', label: 'Align top', keys: ['Alt+A T'] },
  'arrange.middle': { group: 'Arrange', label: 'Align middles', keys: ['Alt+A M'] },
  'arrange.bottom': { group: 'Arrange', label: 'Align bottom', keys: ['Alt+A B'] },
  'arrange.horizontally': { group: 'Arrange', label: 'Distribute horizontally', keys: ['Alt+A H'] },
  'arrange.vertically': { group: 'Arrange', label: 'Distribute vertically', keys: ['Alt+A V'] },
  'arrange.nudgeLeft': { group: 'Arrange', label: 'Nudge left', keys: ['ArrowLeft'] },
  'arrange.nudgeRight': { group: 'Arrange', label: 'Nudge right', keys: ['ArrowRight'] },
  'arrange.nudgeUp': { group: 'Arrange', label: 'Nudge up', keys: ['ArrowUp'] },
  'arrange.nudgeDown': { group: 'Arrange', label: 'Nudge down', keys: ['ArrowDown'] },
  'arrange.pushLeft': { group: 'Arrange', label: 'Push left', keys: ['Shift+ArrowLeft'] },
  'arrange.pushRight': { group: 'Arrange', label: 'Push right', keys: ['Shift+ArrowRight'] },
  'arrange.pushUp': { group: 'Arrange', label: 'Push up', keys: ['Shift+ArrowUp'] },
  'arrange.pushDown': { group: 'Arrange', label: 'Push down', keys: ['Shift+ArrowDown'] },
  'arrange.frame': { group: 'Arrange', label: 'Frame', keys: ['C'] },
  'arrange.note': { group: 'Arrange', label: 'Note', keys: ['Shift+C'] },
  'arrange.fold': { group: 'Arrange', label: 'Fold or unfold', keys: ['Alt+C', 'H'] },
  'arrange.inside': { group: 'Arrange', label: 'Show or hide what is inside', keys: [] },

  'view.commands': { group: 'View', label: 'All commands…', keys: ['Mod+K', 'Mod+Shift+P'], everywhere: true },
  'view.find': { group: 'View', label: 'Find in the drawing…', keys: ['Mod+F'], everywhere: true },
  'view.enter': { group: 'View', label: 'Enter composite', keys: ['Enter', 'PageDown'] },
  'view.leave': { group: 'View', label: 'Leave composite', keys: ['PageUp'] },
  'view.fit': { group: 'View', label: 'Fit drawing', keys: ['Home', 'Shift+1'] },
  'view.fitSelection': { group: 'View', label: 'Fit selection', keys: ['.', 'Shift+2'] },
  'view.zoomIn': { group: 'View', label: 'Zoom in', keys: ['Mod+='], everywhere: true },
  'view.zoomOut': { group: 'View', label: 'Zoom out', keys: ['Mod+-'], everywhere: true },
  'view.actualSize': { group: 'View', label: 'Actual size', keys: ['Mod+0'], everywhere: true },
  'view.palette': { group: 'View', label: 'Palette', keys: ['Mod+1'], everywhere: true },
  'view.inspector': { group: 'View', label: 'Inspector', keys: ['Mod+2'], everywhere: true },
  'view.charts': { group: 'View', label: 'Charts', keys: ['Mod+3'], everywhere: true },
  'view.outline': { group: 'View', label: 'Outline', keys: ['Mod+4'], everywhere: true },
  'view.focus': { group: 'View', label: 'Only the drawing', keys: ['F11'], everywhere: true },
  'view.snap': { group: 'View', label: 'Snap to other blocks', keys: [] },
  'view.region': { group: 'View', label: 'Next part of the window', keys: ['F6'], everywhere: true },
  'view.regionBack': { group: 'View', label: 'Part of the window before', keys: ['Shift+F6'], everywhere: true },
  'view.fields': { group: 'View', label: 'Fields of the block', keys: ['Alt+Enter'] },
  'view.theme': { group: 'View', label: 'Next theme', keys: [] },
  'view.settings': { group: 'View', label: 'Settings…', keys: ['Mod+,'], everywhere: true },

  'run.start': { group: 'Training', label: 'Train', keys: ['Mod+Enter'], everywhere: true },
  'run.pause': { group: 'Training', label: 'Pause or resume', keys: ['F8'], everywhere: true },
  'run.step': { group: 'Training', label: 'Step one batch', keys: ['F10'], everywhere: true },
  'run.stop': { group: 'Training', label: 'Stop', keys: ['Mod+Alt+Enter'], everywhere: true },

  'help.shortcuts': { group: 'Help', label: 'Keyboard shortcuts', keys: ['?'] },
} as const satisfies { readonly [id: string]: CommandEntry }

export type CommandId = keyof typeof table
export const commandTable: { readonly [id in CommandId]: CommandEntry } = table
