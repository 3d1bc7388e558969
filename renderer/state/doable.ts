/** Everything that can be done by typing its name: commands, adding a block, going to one, opening an example. */
import { familyTitles } from '../canvas/looks.ts'
import { searchFor, type Searched } from '../palette/search.ts'
import { entriesWith, templateNamed } from '../palette/catalogue.ts'
import { kindOf } from './editor.svelte.ts'
import { examples } from './library.ts'
import type { Studio } from './studio.svelte.ts'

export interface Doable extends Searched {
  readonly key: string
  readonly kind: 'Command' | 'Add' | 'Go to' | 'Example'
  /** What tells it from others of the same title. */
  readonly note: string
  /** Keys that do the same. */
  readonly shortcut: string | undefined
  readonly enabled: boolean
  run(): void
}

/** As things stand now; to be made anew each time that somebody looks. */
export function doables(studio: Studio): readonly Doable[] {
  const { commands, editor, own } = studio
  const common = { shortcut: undefined, enabled: true }
  return [
    ...commands
      .filter(({ id }) => id !== 'view.commands')
      .map((command): Doable => {
        const { id, group, label, shortcuts } = command
        const words = { title: label.replace(/…$/, ''), aliases: [], text: group, note: group }
        const run = () => command.run()
        return { ...words, key: id, kind: 'Command', shortcut: shortcuts[0], enabled: command.enabled(), run }
      }),
    ...entriesWith(own.list).map((entry): Doable => {
      const { key, title, aliases, text, family } = entry
      const run = () => {
        const template = templateNamed(key, own.list)
        if (template) editor.add(template, studio.canvas?.freePlace() ?? { x: 0, y: 0 })
      }
      return {
        ...common,
        key: `add ${key}`,
        kind: 'Add',
        title,
        aliases,
        text: `add ${text}`,
        note: familyTitles[family],
        run,
      }
    }),
    ...Object.entries(editor.document.graph.blocks).map(([id, block]): Doable => {
      const words = { title: block.name, aliases: [kindOf(block)], text: 'go to find' }
      return { ...common, ...words, key: `go ${id}`, kind: 'Go to', note: kindOf(block), run: () => studio.show(id) }
    }),
    ...examples.map((example): Doable => {
      const { name, note } = example.document
      const words = { title: name, aliases: [], text: `open example ${note}` }
      const run = () => studio.openExample(example)
      return { ...common, ...words, key: `example ${example.id}`, kind: 'Example', note: 'Open', run }
    }),
  ]
}

const MOST = 50

/** What fits, the best first; what can be done now before what can't. Without a question, the commands. */
export function matching(all: readonly Doable[], query: string): readonly Doable[] {
  const found = query.trim() === '' ? all.filter(({ kind }) => kind === 'Command') : searchFor(all, query)
  return [...found.filter(({ enabled }) => enabled), ...found.filter(({ enabled }) => !enabled)].slice(0, MOST)
}
