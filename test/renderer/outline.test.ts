import { describe, expect, test } from 'vitest'
import { nextRegion } from '../../renderer/outline/reach.ts'
import { flowOrder, rowsOf, typedAhead, wordsOf, type Row } from '../../renderer/outline/tree.ts'
import { Editor } from '../../renderer/state/editor.svelte.ts'
import { analyze, levelOf } from '../../src/compiler/analyze.ts'
import { contentOf } from '../../src/document/composites.ts'
import type { BlockNode, Graph, GraphDocument } from '../../src/document/types.ts'
import { computing } from '../helpers/computing.ts'
import { draw, example, examples, graph, inside } from '../helpers/documents.ts'

const names = (rows: readonly Row[]) => rows.map(({ name }) => name)
const stage = inside({ a: ['dense', { features: 4 }], b: ['relu', {}, 'a.y'] }, { x: ['a.x'] }, { y: 'b.y' })
const nested = (): GraphDocument =>
  draw(
    { features: [3], classes: 4 },
    {
      loss: ['crossEntropy', {}, 'out.y', 't.y'],
      out: ['softmax', {}, 'outer.y'],
      outer: {
        inside: inside({ inner: { inside: stage, from: {} } }, { x: ['inner.x'] }, { y: 'inner.y' }),
        from: { x: 'x.x' },
      },
      t: ['target'],
      x: ['input'],
    },
  )

describe('the order of the rows', () => {
  test('each block comes after all that feed it, in every example, also where the document lists them otherwise', () => {
    expect(examples.size).toBeGreaterThan(3)
    for (const { graph } of examples.values()) {
      const upset: Graph = { ...graph, blocks: Object.fromEntries(Object.entries(graph.blocks).reverse()) }
      for (const one of [graph, upset]) {
        const order = flowOrder(one)
        expect([...order].sort()).toEqual(Object.keys(graph.blocks).sort())
        for (const { from, to } of Object.values(graph.wires))
          expect(order.indexOf(from.block)).toBeLessThan(order.indexOf(to.block))
      }
    }
  })
  test('of those that could come next the leftmost comes first', () => {
    const at = (x: number) => ({ type: 'relu', name: `at${x}`, params: {}, position: { x, y: 0 } })
    expect(flowOrder({ blocks: { c: at(300), a: at(100), b: at(200) }, wires: {} })).toEqual(['a', 'b', 'c'])
  })
  test('what runs in a circle is there once, at the end', () => {
    const circle = graph({ a: ['relu', {}, 'b.y'], b: ['relu', {}, 'a.y'], c: ['input'] })
    expect(flowOrder(circle)).toEqual(['c', 'a', 'b'])
  })
  test('a thousand blocks take no time', () => {
    const blocks: { [name: string]: readonly [string, object?, ...string[]] } = { b0: ['input'] }
    for (let i = 1; i < 1000; i++) blocks[`b${i}`] = ['relu', {}, `b${i - 1}.${i === 1 ? 'x' : 'y'}`]
    const large = graph(blocks as never)
    const took = computing()
    expect(rowsOf(large, new Set())).toHaveLength(1000)
    expect(took()).toBeLessThan(200)
  })
})

describe('the tree', () => {
  test('shows the inside of what is open, each level with its places', () => {
    const { graph } = nested()
    expect(names(rowsOf(graph, new Set()))).toEqual(['t', 'x', 'outer', 'out', 'loss'])
    const rows = rowsOf(graph, new Set(['outer', 'outer/inner']))
    expect(names(rows)).toEqual(['t', 'x', 'outer', 'inner', 'a', 'b', 'out', 'loss'])
    expect(rows.map(({ key }) => key)).toEqual([
      't',
      'x',
      'outer',
      'outer/inner',
      'outer/inner/a',
      'outer/inner/b',
      'out',
      'loss',
    ])
    expect(rows.map(({ depth }) => depth)).toEqual([1, 1, 1, 2, 3, 3, 1, 1])
    expect(rows.map(({ place, of }) => `${place}/${of}`).slice(2, 6)).toEqual(['3/5', '1/1', '1/2', '2/2'])
    expect(rows.map(({ open }) => open)).toEqual([null, null, true, true, null, null, null, null])
  })
  test('mirrors the drawing: a composite that is open holds exactly what its canvas holds', () => {
    const { graph } = nested()
    for (const path of [['outer'], ['outer', 'inner']]) {
      const editor = new Editor(nested())
      editor.goTo(path)
      const keys = rowsOf(graph, new Set(['outer', 'outer/inner']))
        .filter((row) => row.path.join('/') === path.join('/'))
        .map(({ id }) => id)
      expect(keys.sort()).toEqual(Object.keys(editor.graph.blocks).sort())
    }
  })
  test('says name, kind, shape and what is wrong', () => {
    const document = nested()
    const analysis = analyze(document)
    const rows = rowsOf(document.graph, new Set(['outer', 'outer/inner']))
    const words = (name: string) => {
      const row = rows.find((one) => one.name === name)
      if (!row) throw new Error(name)
      return wordsOf(row, levelOf(analysis, row.path))
    }
    expect(words('a')).toMatchObject({ kind: 'Dense', shape: 'B × 4', problem: null })
    expect(words('a').sentence).toBe('a, Dense, output B × 4')
    const wrong = analyze(
      draw({ features: [3], classes: 5 }, { x: ['input'], r: ['relu', {}], s: ['softmax', {}, 'r.y'] }),
    )
    const lonely = rowsOf(graph({ r: ['relu'] }), new Set())[0] as Row
    const said = wordsOf(lonely, wrong)
    expect(said.problem?.severity).toBe('error')
    expect(said.sentence).toBe(`r, ReLU, error: ${said.problem?.message}`)
  })
  test('says what is bypassed or shared, and in which frame something lies; a note is a row of its own', () => {
    const { blocks, wires } = graph({ x: ['input'], a: ['relu', {}, 'x.x'] })
    const more: Graph = {
      wires,
      blocks: { ...blocks, a: { ...(blocks['a'] as BlockNode), bypassed: true, position: { x: 500, y: 20 } } },
      annotations: {
        f: {
          kind: 'frame',
          text: 'Encoder',
          colour: 'grey',
          position: { x: 400, y: 0 },
          size: { width: 300, height: 200 },
        },
        n: {
          kind: 'note',
          text: '# To do\nmore',
          colour: 'grey',
          position: { x: 0, y: 0 },
          size: { width: 9, height: 9 },
        },
      },
    }
    const rows = rowsOf(more, new Set())
    expect(names(rows)).toEqual(['x', 'a', 'To do'])
    expect(wordsOf(rows[0] as Row, undefined).sentence).toBe('x, Input')
    expect(wordsOf(rows[1] as Row, undefined).sentence).toBe('a, ReLU, bypassed, in frame Encoder')
    expect(wordsOf(rows[2] as Row, undefined).sentence).toBe('To do, note')
    expect(rows.map(({ of }) => of)).toEqual([3, 3, 3])
  })
})

describe('typing a name', () => {
  const rows = ['input', 'conv1', 'relu', 'conv2', 'fc'].map((name) => ({ name }) as Row)
  test('goes to the next one that begins like that', () => {
    expect(typedAhead(rows, 0, 'c')).toBe(1)
    expect(typedAhead(rows, 1, 'c')).toBe(3)
    expect(typedAhead(rows, 3, 'c')).toBe(1)
    expect(typedAhead(rows, 1, 'conv2')).toBe(3)
    expect(typedAhead(rows, 3, 'conv')).toBe(3)
    expect(typedAhead(rows, 1, 'cc')).toBe(3)
    expect(typedAhead(rows, 2, 'x')).toBe(2)
  })
})

describe('getting about', () => {
  test('from any canvas to any other', () => {
    const paths = [[], ['outer'], ['outer', 'inner']]
    for (const from of paths)
      for (const to of paths) {
        const editor = new Editor(nested())
        editor.goTo(from)
        editor.goTo(to)
        expect(editor.path).toEqual(to)
      }
    const editor = new Editor(nested())
    editor.goTo(['x'])
    expect(editor.path).toEqual([])
  })
  test('F6 goes round the parts of the window, to what is chosen in each, and back', () => {
    const show = (html: string) =>
      document.body.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.children)
    show(`
      <header class="bar"><button>a</button></header>
      <div class="left"><button disabled>no</button><div tabindex="-1">no</div><button>b</button></div>
      <main><div class="canvas"><div tabindex="0">c1</div><div class="selected" tabindex="0">c2</div></div></main>
      <footer class="status"><button>d</button></footer>`)
    const round = (by: 1 | -1) => (nextRegion(by), document.activeElement?.textContent)
    expect([round(1), round(1), round(1), round(1), round(1)]).toEqual(['a', 'b', 'c2', 'd', 'a'])
    expect([round(-1), round(-1)]).toEqual(['d', 'c2'])
    show('<p>nothing</p>')
    expect(nextRegion(1)).toBe(false)
  })
})

test('the outline of every example holds every block of it, however it is opened', () => {
  for (const [name] of examples) {
    const { graph: drawn } = example(name)
    const open = new Set<string>()
    let expected = Object.keys(drawn.blocks).length
    for (const [i, id] of Object.keys(drawn.blocks).entries()) {
      const content = contentOf(drawn, id)
      if (!content?.inside || i % 3 === 0) continue
      open.add(id)
      expected += Object.keys(content.inside.blocks).length
    }
    expect(rowsOf(drawn, open).filter(({ node }) => node)).toHaveLength(expected)
  }
})
