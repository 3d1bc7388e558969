/** The command line as people and scripts use it: the built program in a process of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { ensureBuild, root } from '../../../scripts/setup.mjs'
import { formatDocument } from '../../../src/document/file.ts'
import type { BlockNode, GraphDocument, Wire } from '../../../src/document/types.ts'

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface CommandLine {
  /** A path in the folder that it runs in, which is there while the file's tests run; that of the app's data is `app-data`. */
  inFolder(name: string): string
  /** Writes a file there and gives back its path. */
  put(name: string, content: string | Uint8Array): string
  start(...args: readonly string[]): ChildProcessWithoutNullStreams
  /** Waits for its end. */
  cli(...args: readonly string[]): Promise<Said>
}

/** To be called before any test is defined. */
export function commandLine(): CommandLine {
  let folder = ''
  const running = new Set<ChildProcessWithoutNullStreams>()
  beforeAll(() => {
    ensureBuild(['node'], { quiet: true })
    folder = mkdtempSync(join(tmpdir(), 'neuroloom-cli-'))
  })
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const inFolder = (name: string) => join(folder, name)
  const start = (...args: readonly string[]) => {
    const child = spawn(process.execPath, [join(root, 'out/node/cli-main.js'), ...args], {
      cwd: folder,
      env: { ...process.env, NEUROLOOM_DATA: inFolder('app-data') },
    })
    running.add(child)
    child.on('close', () => running.delete(child))
    return child
  }
  return {
    inFolder,
    put(name, content) {
      const path = inFolder(name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    start,
    cli: (...args) => ended(start(...args)),
  }
}

/** What a program says from now on, when it has ended. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Said> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
  const text = (pieces: readonly Buffer[]) => Buffer.concat(pieces).toString()
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out: text(out), err: text(err) })))
}

/** Resolves when a program has written this on stdout. */
export function written(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  let out = ''
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString()
      if (out.includes(text)) resolve()
    })
    child.on('close', (code) => reject(new Error(`It ended with ${code} and has not written ${text}.`)))
  })
}

export type Line = { readonly [name: string]: unknown }
/** Of JSON, one value a line. */
export const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

/** Path of a document that ships. */
export const example = (name: string) => join(root, 'models/examples', `${name}.json`)

/** A document with some of its blocks and wires changed, as it stands in a file. */
export function changed(
  from: GraphDocument,
  blocks: { readonly [id: string]: Partial<BlockNode> },
  wires: { readonly [id: string]: Wire | undefined } = {},
): string {
  const graph = {
    blocks: Object.fromEntries(
      Object.entries(from.graph.blocks).map(([id, block]) => [id, { ...block, ...blocks[id] }]),
    ),
    wires: Object.fromEntries(
      Object.entries({ ...from.graph.wires, ...wires }).flatMap(([id, wire]) => (wire ? [[id, wire]] : [])),
    ),
  }
  return formatDocument({ ...from, graph })
}

/** What must hold of every refusal: sentences on stderr, nothing that looks like a crash. */
export function expectSentences(said: Said): void {
  expect(said.err).not.toMatch(/^\s+at |node:internal|Error:|undefined|\[object|Node\.js v/m)
  expect(said.err.trim()).not.toBe('')
}
