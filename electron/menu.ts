/**
 * The application menu as plain data. Items name the window's own commands, which decide what happens; their words and keys
 * stand in protocol/commands.ts. Text editing goes by Electron's roles, so that it works in fields.
 */
import type { MenuItemConstructorOptions } from 'electron'
import { commandTable, type CommandId } from '../src/protocol/commands.ts'

export type MenuEntry =
  { readonly command: CommandId } | { readonly role: NonNullable<MenuItemConstructorOptions['role']> } | 'line'
export interface Menu {
  readonly label: string
  readonly entries: readonly MenuEntry[]
}

const commands = (...ids: readonly CommandId[]): readonly MenuEntry[] => ids.map((command) => ({ command }))

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
        ...commands('document.new', 'document.open'),
        'line',
        ...commands('document.save', 'document.saveAs'),
        'line',
        ...commands('document.close', 'document.reopen', 'document.next', 'document.previous'),
        'line',
        { role: mac ? 'close' : 'quit' },
      ],
    },
    {
      label: 'Edit',
      entries: [
        ...commands('edit.undo', 'edit.redo', 'edit.history'),
        'line',
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        ...commands('edit.pasteWired', 'edit.duplicate', 'edit.delete', 'edit.dissolve'),
        'line',
        ...commands('edit.add', 'edit.replace', 'edit.connect', 'edit.bypass', 'edit.group', 'edit.unpack'),
        'line',
        ...commands('select.all', 'select.invert', 'select.upstream', 'select.downstream', 'select.chain'),
      ],
    },
    {
      label: 'Arrange',
      entries: [
        ...commands('arrange.tidyAll', 'arrange.tidy'),
        'line',
        ...commands(
          'arrange.left',
          'arrange.centre',
          'arrange.right',
          'arrange.top',
          'arrange.middle',
          'arrange.bottom',
        ),
        'line',
        ...commands('arrange.horizontally', 'arrange.vertically'),
        'line',
        ...commands('arrange.frame', 'arrange.note', 'arrange.fold'),
      ],
    },
    {
      label: 'View',
      entries: [
        ...commands('view.commands', 'view.find'),
        'line',
        ...commands('view.fit', 'view.fitSelection', 'view.zoomIn', 'view.zoomOut', 'view.actualSize'),
        'line',
        ...commands('view.palette', 'view.inspector', 'view.charts', 'view.outline', 'view.focus'),
        'line',
        ...commands('view.theme', 'view.settings'),
        'line',
        { role: 'togglefullscreen' },
        ...(isPackaged ? [] : (['line', { role: 'toggleDevTools' }] as const)),
      ],
    },
    { label: 'Train', entries: commands('run.start', 'run.pause', 'run.step', 'run.stop') },
    { label: 'Help', entries: commands('help.shortcuts') },
  ]
}

/** What a chosen item sends; anything else never leaves the main process. */
export function commandsOf(menus: readonly Menu[]): string[] {
  return menus.flatMap(({ entries }) =>
    entries.flatMap((entry) => (typeof entry === 'object' && 'command' in entry ? [entry.command] : [])),
  )
}

/** As Electron writes keys; undefined for keys that are pressed one after the other, which a menu can't show. */
function accelerator(chord: string | undefined): string | undefined {
  return chord === undefined || chord.includes(' ')
    ? undefined
    : chord.replace('Mod', 'CmdOrCtrl').replace(/Arrow(Left|Right|Up|Down)/, '$1')
}

export function toTemplate(
  menus: readonly Menu[],
  platform: NodeJS.Platform,
  choose: (command: string) => void,
): MenuItemConstructorOptions[] {
  const item = (entry: MenuEntry): MenuItemConstructorOptions => {
    if (entry === 'line') return { type: 'separator' }
    if ('role' in entry) return { role: entry.role }
    const { command } = entry
    const { label, keys, everywhere = false } = commandTable[command]
    const shortcut = accelerator(keys[0])
    // The window handles its keys itself, because it knows whether a field is being typed in; the menu shows them. On
    // macOS a shown key is always taken, so there only those are shown that hold everywhere.
    const shown = shortcut !== undefined && (platform !== 'darwin' || everywhere)
    return {
      label,
      click: () => choose(command),
      ...(shown ? { accelerator: shortcut, registerAccelerator: false } : {}),
    }
  }
  return menus.map(({ label, entries }) => ({ label, submenu: entries.map(item) }))
}
