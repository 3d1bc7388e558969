/**
 * Whatever a person does, in whichever tab and composite: undone to the start it is the very document of the start, done
 * again it is the very document of the end, and at each step what is drawn could be saved and opened. Seeds that once failed
 * stay in the list.
 */
import { expect, test } from 'vitest'
import { Rng } from '../../src/base/rng.ts'
import { blocks as registry } from '../../src/blocks/index.ts'
import { checkDocument, formatDocument } from '../../src/document/file.ts'
import type { GraphDocument } from '../../src/document/types.ts'
import { Editor, templateOf } from '../../renderer/state/editor.svelte.ts'
import { examples } from '../../renderer/state/library.ts'

/** Seeds of failures that were mended. */
const KEPT: readonly number[] = []
const SEEDS = [...KEPT, ...Array.from({ length: 40 }, (_, i) => 1000 + i)]
const GESTURES = 60

type Gesture = readonly [name: string, run: (editor: Editor, rng: Rng) => void]

const pick = <T>(list: readonly T[], rng: Rng): T | undefined => list[rng.integer(Math.max(1, list.length))]
const ids = (editor: Editor) => Object.keys(editor.graph.blocks)
const some = (editor: Editor, rng: Rng, share: number) => ids(editor).filter(() => rng.uniform() < share)

const gestures: readonly Gesture[] = [
  [
    'add',
    (editor, rng) => {
      const { type } = pick(registry, rng) ?? { type: 'dense' }
      editor.add(templateOf(type), { x: rng.integer(800), y: rng.integer(400) })
    },
  ],
  [
    'select',
    (editor, rng) => editor.select(some(editor, rng, 0.3), Object.keys(editor.graph.wires).slice(0, rng.integer(2))),
  ],
  ['select all', (editor) => editor.selectAll()],
  ['select others', (editor) => editor.selectOthers()],
  ['delete', (editor) => editor.selection.blocks.size < 4 && editor.deleteSelection()],
  ['nudge', (editor, rng) => editor.nudge({ x: 8 * rng.integer(3), y: 8 })],
  ['duplicate', (editor) => ids(editor).length < 30 && editor.duplicate()],
  [
    'copy and paste',
    (editor, rng) => ids(editor).length < 30 && editor.paste(editor.copy(), null, rng.uniform() < 0.5),
  ],
  ['group', (editor) => editor.selection.blocks.size > 0 && editor.group()],
  ['enter', (editor, rng) => editor.enter(pick(ids(editor), rng) ?? '')],
  ['leave', (editor) => editor.leave()],
  ['unpack', (editor, rng) => editor.unpack(pick(ids(editor), rng) ?? '')],
  [
    'bypass',
    (editor, rng) =>
      editor.edit({ kind: 'setBypassed', blocks: some(editor, rng, 0.2), bypassed: rng.uniform() < 0.6 }),
  ],
  ['dissolve', (editor, rng) => editor.edit({ kind: 'dissolve', blocks: some(editor, rng, 0.1) })],
  [
    'replace',
    (editor, rng) => {
      const { type } = pick(registry, rng) ?? { type: 'relu' }
      editor.edit({ kind: 'replaceBlock', block: pick(ids(editor), rng) ?? '', node: templateOf(type) })
    },
  ],
  [
    'scrub',
    (editor, rng) => {
      const gesture = `scrub${rng.integer(1000)}`
      for (let i = 1; i < 4; i++) editor.setParam(pick(ids(editor), rng) ?? '', 'features', i, gesture)
    },
  ],
  [
    'note',
    (editor, rng) =>
      editor.edit({
        kind: 'setAnnotation',
        id: `a${rng.integer(4)}`,
        annotation: {
          kind: rng.uniform() < 0.5 ? 'frame' : 'note',
          text: 'words',
          position: { x: 8, y: 8 },
          size: { width: 200, height: 120 },
          colour: 'grey',
        },
      }),
  ],
  [
    'route',
    (editor, rng) =>
      editor.edit({ kind: 'setRoute', wire: pick(Object.keys(editor.graph.wires), rng) ?? '', via: [{ x: 8, y: 8 }] }),
  ],
  ['use again', (editor, rng) => editor.useAgain(pick(ids(editor), rng) ?? '')],
  ['constant', (editor, rng) => editor.edit({ kind: 'setConstant', name: 'k', value: rng.integer(9) + 1 })],
  ['expression', (editor, rng) => editor.setParam(pick(ids(editor), rng) ?? '', 'features', '=k*2')],
  ['undo', (editor) => editor.undo()],
  ['undo', (editor) => editor.undo()],
  ['redo', (editor) => editor.redo()],
  ['jump', (editor, rng) => editor.jump(rng.integer(editor.steps.labels.length + 1))],
  ['other tab', (editor) => editor.turn(1)],
]

function play(seed: number, onstep: (editor: Editor, gesture: string) => void): Map<number, GraphDocument> {
  const rng = new Rng(seed)
  const starts = new Map<number, GraphDocument>()
  const document = () => (pick(examples, rng) ?? examples[0])?.document as GraphDocument
  const first = document()
  const editor = new Editor(first)
  starts.set(editor.desk.id, first)
  // The first is in use, so that the second gets a tab of its own.
  editor.edit({ kind: 'setDocument', note: 'changed' })
  const second = document()
  starts.set(editor.open(second).id, second)
  for (let i = 0; i < GESTURES; i++) {
    const [name, run] = pick(gestures, rng) as Gesture
    run(editor, rng)
    onstep(editor, name)
  }
  for (const desk of editor.desks) {
    editor.show(desk)
    const { document: end } = desk
    const text = formatDocument(end)
    editor.jump(0)
    expect(desk.document, `seed ${seed}: undone to the start`).toBe(starts.get(desk.id))
    editor.jump(editor.steps.labels.length)
    // What was still undone when the play ended is done now as well.
    if (desk.document !== end) continue
    expect(formatDocument(desk.document), `seed ${seed}: done again`).toBe(text)
  }
  return starts
}

test(`${SEEDS.length} plays of ${GESTURES} gestures lead back to the first byte`, () => {
  const done = new Map<string, number>()
  for (const seed of SEEDS) {
    let before = ''
    play(seed, (editor, gesture) => {
      const { document } = editor
      const checked = checkDocument(document)
      expect(checked.ok ? null : checked.problems[0]?.message, `seed ${seed}: ${gesture}`).toBeNull()
      // What is selected and where one looks is always there.
      for (const id of editor.selection.blocks)
        expect(editor.graph.blocks, `seed ${seed}: ${gesture}`).toHaveProperty(id)
      const now = `${editor.desk.id} ${editor.place} ${editor.steps.done} ${[...editor.selection.blocks].join()}`
      if (now !== before) done.set(gesture, (done.get(gesture) ?? 0) + 1)
      before = now
    })
  }
  const idle = gestures.filter(([name]) => !done.has(name)).map(([name]) => name)
  expect(idle, 'gestures that never did anything').toEqual([])
})

test('a history that forgets a step would be noticed', () => {
  const editor = new Editor(examples[0]?.document as GraphDocument)
  const start = editor.document
  editor.selectAll()
  editor.nudge({ x: 8, y: 0 })
  editor.edit({ kind: 'setDocument', note: 'changed' })
  const { history } = editor.desk
  editor.desk.history = { ...history, past: history.past.slice(1) }
  editor.jump(0)
  expect(editor.document).not.toBe(start)
})
