/**
 * Every row of the table of shortcuts and gestures that the window honours, and the rules beyond keys, with the spec that
 * holds it to them: `row(...)` in that file names it. test/tooling/shortcuts.test.ts sees that none is left out.
 */
export const rows = {
  'undo / redo': 'editing',
  'cut / copy / paste': 'editing',
  'paste keeping incoming wires': 'editing',
  duplicate: 'editing',
  delete: 'editing',
  'delete and reconnect': 'editing',
  'bypass / mute': 'editing',
  rename: 'editing',
  'fold node': 'editing',

  'select all / none / invert': 'selecting',
  'add to selection': 'selecting',
  'box select': 'selecting',
  'select upstream / downstream / whole chain': 'selecting',

  'add block': 'adding',
  'add from a wire': 'adding',
  'insert on a wire': 'adding',
  'replace and connect by typing': 'adding',

  "move a wire's end": 'wires',
  'cut wires': 'wires',
  'break all wires of a port': 'wires',
  'detach a node by shaking it': 'wires',
  'reroute point': 'wires',

  'group into sub-graph / unpack': 'composites',
  'enter / leave sub-graph': 'composites',

  'frame (comment box)': 'arranging',
  'sticky note': 'arranging',
  'nudge / big nudge': 'arranging',
  'align / distribute': 'arranging',
  'tidy (auto-layout) selection / all': 'arranging',
  snap: 'arranging',

  'fit all / fit selection': 'view',
  zoom: 'view',
  'mouse and trackpad schemes': 'view',
  'find in graph': 'view',
  'command palette': 'view',
  'settings / shortcuts list': 'view',
  'toggle palette / inspector / charts / focus mode': 'view',

  'run / stop': 'documents',
  'step one batch': 'documents',
  'save / save as / open / new': 'documents',

  'nothing happens by merely clicking': 'rules',
  'single letters act only outside of fields': 'rules',
  'the view is restored per document': 'rules',
  'blocks never move by themselves': 'rules',
  'context menus show keys': 'rules',
  'double-click opens the most useful thing': 'rules',
} as const satisfies { readonly [row: string]: string }

export type Row = keyof typeof rows
