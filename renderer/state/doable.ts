/** Everything that can be done by typing its name: commands, adding a block, going to one, opening an example. */
import { familyTitles } from '../canvas/looks.ts'
import { searchFor, type Searched } from '../palette/search.ts'
import { entriesWith, templateNamed } from '../palette/catalogue.ts'
import { spotsOf } from './find.ts'
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
    ...spotsOf(editor.document.graph).map(({ key, block, path, way, kind, title }): Doable => {
      const words = { title, aliases: [kind], text: 'go to find', note: [...way, kind].join(' › ') }
      return { ...common, ...words, key: `go ${key}`, kind: 'Go to', run: () => void studio.show(block, path) }
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

/**
 * What fits, the best first; what can't be done now stands where it belongs, so that Enter never does something else instead.
 * Without a question what was used last, then the commands, those first that can be run.
 */
export function matching(all: readonly Doable[], query: string, recent: readonly string[] = []): readonly Doable[] {
  return (query.trim() === '' ? atFirst(all, recent) : searchFor(all, query)).slice(0, MOST)
}

function atFirst(all: readonly Doable[], recent: readonly string[]): readonly Doable[] {
  const used = recent.flatMap((key) => all.find((one) => one.key === key) ?? [])
  const others = all.filter((one) => one.kind === 'Command' && !used.includes(one))
  return [...used, ...others.filter(({ enabled }) => enabled), ...others.filter(({ enabled }) => !enabled)]
}

const MOST_RECENT = 6

/** The list of what was used last, with this one in front. A block to go to belongs to one drawing and is not kept. */
export function remembered(recent: readonly string[], { key, kind }: Doable): readonly string[] {
  return kind === 'Go to' ? recent : [key, ...recent.filter((one) => one !== key)].slice(0, MOST_RECENT)
}
