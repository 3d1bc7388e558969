/** What the menus of the right button hold, in groups: commands by their names, and menus behind them. */
import type { CommandId } from '../../src/protocol/commands.ts'

export interface Menu {
  readonly label: string
  readonly groups: readonly (readonly CommandId[])[]
}
export type MenuItem = CommandId | Menu

const align: Menu = {
  label: 'Align',
  groups: [
    ['arrange.left', 'arrange.centre', 'arrange.right'],
    ['arrange.top', 'arrange.middle', 'arrange.bottom'],
    ['arrange.horizontally', 'arrange.vertically'],
  ],
}
const select: Menu = { label: 'Select', groups: [['select.upstream', 'select.downstream', 'select.chain']] }

const clipboard: readonly MenuItem[] = ['edit.cut', 'edit.copy', 'edit.paste', 'edit.duplicate']
const removal: readonly MenuItem[] = ['edit.delete', 'edit.dissolve']
const places: readonly MenuItem[] = ['arrange.frame', 'arrange.tidy', align, select]

export const menus: {
  readonly [about in 'blocks' | 'composite' | 'wires' | 'annotations' | 'canvas']: readonly (readonly MenuItem[])[]
} = {
  blocks: [
    ['edit.rename', 'edit.replace', 'edit.connect', 'edit.bypass', 'arrange.fold'],
    clipboard,
    removal,
    ['edit.group', 'edit.useAgain', 'edit.independent'],
    places,
  ],
  composite: [
    ['view.enter', 'arrange.inside', 'edit.unpack', 'edit.keep'],
    ['edit.rename', 'edit.replace', 'edit.connect', 'edit.bypass', 'arrange.fold'],
    clipboard,
    removal,
    ['edit.group', 'edit.useAgain', 'edit.independent'],
    places,
  ],
  wires: [['edit.delete']],
  annotations: [clipboard, ['edit.delete'], ['arrange.frame', align]],
  canvas: [
    ['edit.add', 'edit.paste', 'edit.pasteWired'],
    ['arrange.note', 'arrange.frame', 'arrange.tidyAll'],
    ['select.all', 'view.fit', 'view.actualSize', 'view.leave'],
  ],
}
