// Who may import whom: the table of docs/architecture.md as data, and the reader of import lines that checks it.
// It reads text, not types, so it needs no module and sees every file, whatever compiles it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const core = ['base', 'ir', 'blocks', 'document', 'compiler', 'train', 'tune', 'data', 'interop', 'protocol']

/**
 * One row per layer. `may` names other layers (a layer may always import itself), `types` those of which it may import
 * types only, `packages` what it may import by bare name. The first row whose `path` fits a file is its layer.
 */
export const layers = [
  { name: 'base', path: /^src\/base\//, may: [] },
  { name: 'ir', path: /^src\/ir\//, may: ['base'] },
  { name: 'blocks', path: /^src\/blocks\//, may: ['ir', 'base'] },
  // What a data source, its columns and their places among the features are is part of the document.
  // What packs formats of strangers is left to small packages that only compute.
  {
    name: 'data',
    path: /^src\/data\//,
    may: ['document', 'ir', 'base'],
    packages: ['fflate', 'fzstd', '@jsquash/webp'],
  },
  { name: 'document', path: /^src\/document\//, may: ['blocks', 'base'] },
  // The window traces a document, but it does not compile one: phases 3 to 6 are the engine's.
  {
    name: 'compiler-back',
    path: /^src\/compiler\/([3-9]|compile\.)/,
    may: ['compiler', 'document', 'blocks', 'ir', 'base'],
  },
  { name: 'compiler', path: /^src\/compiler\//, may: ['document', 'blocks', 'ir', 'base'] },
  { name: 'backends', path: /^src\/backends\/[^/]+\.ts$/, may: ['ir', 'base'] },
  ...['reference', 'wasm', 'webgpu'].map((name) => ({
    name: `backends/${name}`,
    path: new RegExp(`^src/backends/${name}/`),
    may: ['backends', 'ir', 'base'],
  })),
  // Any device at the other end of a port.
  { name: 'backends/remote', path: /^src\/backends\/remote\//, may: ['backends', 'protocol', 'ir', 'base'] },
  {
    name: 'train',
    path: /^src\/train\//,
    may: ['compiler', 'compiler-back', 'document', 'blocks', 'data', 'backends', 'ir', 'base'],
  },
  {
    name: 'tune',
    path: /^src\/tune\//,
    may: ['train', 'compiler', 'compiler-back', 'document', 'data', 'backends', 'ir', 'base'],
  },
  { name: 'interop', path: /^src\/interop\//, may: ['compiler', 'document', 'blocks', 'ir', 'base'] },
  { name: 'protocol', path: /^src\/protocol\//, may: [], types: core },
  {
    name: 'node',
    path: /^src\/node\//,
    may: [
      ...core,
      'compiler-back',
      'backends',
      'backends/reference',
      'backends/wasm',
      'backends/webgpu',
      'backends/remote',
    ],
    packages: ['node:', 'ws'],
  },
  {
    name: 'renderer/gpu',
    path: /^renderer\/gpu\//,
    may: ['backends/remote', 'backends/webgpu', 'backends', 'protocol', 'ir', 'base'],
  },
  {
    name: 'renderer',
    path: /^renderer\//,
    may: ['document', 'blocks', 'compiler', 'protocol', 'base'],
    packages: ['svelte', '@xyflow/svelte', 'chart.js'],
  },
  { name: 'electron', path: /^electron\//, may: ['node', 'protocol', 'base'], packages: ['electron', 'node:'] },
]

const layerOf = (file) => layers.find((layer) => layer.path.test(file))

// `import ... from 'x'` and `export ... from 'x'`, `import 'x'`, `import('x')`: at the start of a line or after what can
// stand before an expression, so that a sentence in a comment is not taken for one.
const names = String.raw`(?:[\w$]+\s*,\s*)?\{[^}]*\}|(?:[\w$]+\s*,\s*)?\*(?:\s*as\s+[\w$]+)?|[\w$]+`
const statements = [
  new RegExp(String.raw`^[ \t]*(?:import|export)\s*(type\s+(?!from\b))?(?:${names})\s*from\s*['"]([^'"]+)['"]`, 'gm'),
  /^[ \t]*import\s*()['"]([^'"]+)['"]/gm,
  /(?:[=>(,?:]|\b(?:await|return))\s*import\s*()\(\s*['"`]([^'"`]+)['"`]/g,
]

/** The imports of a source text: what is named, and whether only types are. */
export function importsOf(text) {
  return statements.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, type, specifier]) => ({ specifier, typeOnly: Boolean(type) })),
  )
}

/** The sentences about what `file` (its path from the repository's root) must not import. */
export function violations(file, text) {
  const layer = layerOf(file)
  if (!layer) return []
  return importsOf(text).flatMap(({ specifier, typeOnly }) => {
    const path = specifier.replace(/\?.*$/, '')
    if (!path.startsWith('.')) {
      const allowed = (layer.packages ?? []).some(
        (name) => path === name || path.startsWith(name.endsWith(':') ? name : `${name}/`),
      )
      return allowed ? [] : [`${file}: ${layer.name} may not import the package ${specifier}`]
    }
    const target = posix.join(posix.dirname(file), path)
    // Documents and pictures are not code.
    if (/\.(json|css|svg|png)$/.test(target)) return []
    const to = layerOf(target)
    const allowed = to && (to === layer || layer.may.includes(to.name) || (typeOnly && layer.types?.includes(to.name)))
    return allowed
      ? []
      : [`${file}: ${layer.name} may not import ${to?.name ?? 'from outside the layers'} (${specifier})`]
  })
}

/** Every source file under the layers' folders, as paths from `root` with forward slashes. */
export function sourceFiles(root, folders = ['src', 'renderer', 'electron']) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((path) => /\.(ts|svelte|mjs|js)$/.test(path)),
  )
}

export const allViolations = (root) =>
  sourceFiles(root).flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')))
