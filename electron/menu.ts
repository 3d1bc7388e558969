/**
 * The application menu as plain data. Items name the window's own commands (renderer/state/commands.ts), which decide
 * what happens; text editing goes by Electron's roles, so that it works in fields.
 */
import type { MenuItemConstructorOptions } from 'electron'

export type MenuEntry =
  | { readonly label: string; readonly command: string; readonly keys?: string; readonly everywhere?: boolean }
  | { readonly role: NonNullable<MenuItemConstructorOptions['role']> }
  | 'line'
export interface Menu {
  readonly label: string
  readonly entries: readonly MenuEntry[]
}

export function appMenu(platform: NodeJS.Platform, isPackaged: boolean): readonly Menu[] {
  const mac = platform === 'darwin'
  const application: Menu = {
    label: 'Neuroloom',
    entries: [
      { role: 'about' },
      'line',
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      'line',
      { role: 'quit' },
    ],
  }
  return [
    ...(mac ? [application] : []),
    {
      label: 'File',
      entries: [
        { label: 'New', command: 'document.new', keys: 'CmdOrCtrl+N', everywhere: true },
        { label: 'Open…', command: 'document.open', keys: 'CmdOrCtrl+O', everywhere: true },
        'line',
        { label: 'Save', command: 'document.save', keys: 'CmdOrCtrl+S', everywhere: true },
        { label: 'Save As…', command: 'document.saveAs', keys: 'CmdOrCtrl+Shift+S', everywhere: true },
        'line',
        { role: mac ? 'close' : 'quit' },
      ],
    },
    {
      label: 'Edit',
      entries: [
        { label: 'Undo', command: 'edit.undo', keys: 'CmdOrCtrl+Z' },
        { label: 'Redo', command: 'edit.redo', keys: 'CmdOrCtrl+Shift+Z' },
        'line',
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { label: 'Duplicate', command: 'edit.duplicate', keys: 'CmdOrCtrl+D' },
        { label: 'Delete', command: 'edit.delete', keys: 'Delete' },
        { label: 'Select All', command: 'edit.selectAll', keys: 'CmdOrCtrl+A' },
      ],
    },
    {
      label: 'View',
      entries: [
        { label: 'All Commands…', command: 'view.commands', keys: 'CmdOrCtrl+K', everywhere: true },
        'line',
        { label: 'Fit Drawing', command: 'view.fit', keys: 'Home' },
        { label: 'Zoom In', command: 'view.zoomIn', keys: 'CmdOrCtrl+=', everywhere: true },
        { label: 'Zoom Out', command: 'view.zoomOut', keys: 'CmdOrCtrl+-', everywhere: true },
        { label: 'Actual Size', command: 'view.actualSize', keys: 'CmdOrCtrl+0', everywhere: true },
        'line',
        { label: 'Palette', command: 'view.palette', keys: 'CmdOrCtrl+1', everywhere: true },
        { label: 'Inspector', command: 'view.inspector', keys: 'CmdOrCtrl+2', everywhere: true },
        { label: 'Charts', command: 'view.charts', keys: 'CmdOrCtrl+3', everywhere: true },
        { label: 'Light or Dark', command: 'view.theme' },
        'line',
        { role: 'togglefullscreen' },
        ...(isPackaged ? [] : (['line', { role: 'toggleDevTools' }] as const)),
      ],
    },
    {
      label: 'Train',
      entries: [
        { label: 'Train', command: 'run.start', keys: 'CmdOrCtrl+Enter', everywhere: true },
        { label: 'Pause or Resume', command: 'run.pause', keys: 'F8', everywhere: true },
        { label: 'Step One Batch', command: 'run.step', keys: 'F10', everywhere: true },
        { label: 'Stop', command: 'run.stop', keys: 'CmdOrCtrl+Alt+Enter', everywhere: true },
      ],
    },
    { label: 'Help', entries: [{ label: 'Keyboard Shortcuts', command: 'help.shortcuts' }] },
  ]
}

/** What a chosen item sends; anything else never leaves the main process. */
export function commandsOf(menus: readonly Menu[]): string[] {
  return menus.flatMap(({ entries }) =>
    entries.flatMap((entry) => (typeof entry === 'object' && 'command' in entry ? [entry.command] : [])),
  )
}

export function toTemplate(
  menus: readonly Menu[],
  platform: NodeJS.Platform,
  choose: (command: string) => void,
): MenuItemConstructorOptions[] {
  const item = (entry: MenuEntry): MenuItemConstructorOptions => {
    if (entry === 'line') return { type: 'separator' }
    if ('role' in entry) return { role: entry.role }
    const { label, command, keys, everywhere = false } = entry
    // The window handles its keys itself, because it knows whether a field is being typed in; the menu shows them. On
    // macOS a shown key is always taken, so there only those are shown that hold everywhere.
    const shown = keys !== undefined && (platform !== 'darwin' || everywhere)
    return {
      label,
      click: () => choose(command),
      ...(shown ? { accelerator: keys, registerAccelerator: false } : {}),
    }
  }
  return menus.map(({ label, entries }) => ({ label, submenu: entries.map(item) }))
}
