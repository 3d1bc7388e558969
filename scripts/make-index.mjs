// Writes the lists of the open sets (blocks, optimizers, readers, ...): adding a file to one of these folders is all that
// it takes to add to the program. The lists are checked in, so that the program needs no file system to find its parts,
// and a test fails when one is stale.
//
//   npm run index [-- --check]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, say } from './setup.mjs'

/** Where each list lies, and the folders beside it that it lists. */
const sets = [
  { folder: 'src/blocks', over: ['connect', 'function', 'loss', 'complex', 'io'] },
  { folder: 'src/train/optimizers' },
  { folder: 'src/train/schedules' },
  { folder: 'src/train/inits' },
  { folder: 'src/train/metrics' },
  { folder: 'src/data/readers' },
  { folder: 'src/data/datasets' },
]

/** Every list as it should be: path and text. Folders with nothing to list have none. */
export function indexes(base = root) {
  return sets.flatMap(({ folder, over = ['.'] }) => {
    const files = over.flatMap((sub) => members(base, folder, sub))
    const path = `${folder}/index.gen.ts`
    return files.length > 0 || existsSync(join(base, path)) ? [{ path, text: render(files) }] : []
  })
}

/** A member is a file, or a folder with an index.ts. */
function members(base, folder, sub) {
  const here = join(base, folder, sub)
  if (!existsSync(here)) return []
  return readdirSync(here, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/index.ts` : entry.name))
    .filter((name) => name.endsWith('.ts') && !/^(_|types\.ts$|index\.)|\.(d|gen)\.ts$/.test(name))
    .filter((name) => existsSync(join(here, name)))
    .sort()
    .map((name) => (sub === '.' ? `./${name}` : `./${sub}/${name}`))
}

function render(files) {
  const names = files.map(identifier)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice) throw new Error(`two files would be called ${twice}: ${files.join(', ')}`)
  const imports = files.map((file, i) => `import ${names[i]} from '${file}'\n`)
  const list = files.length > 0 ? `[\n${names.map((name) => `  ${name},\n`).join('')}]` : '[]'
  return `// Written by \`npm run index\` from the files in this folder.\n${imports.join('')}\nexport default ${list} as const\n`
}

/** `./connect/max-pool.ts` -> `maxPool`; an underscore keeps clear of words like `switch` and of leading digits. */
function identifier(file) {
  const stem = file.replace(/(\/index)?\.ts$/, '').replace(/^.*\//, '')
  const name = stem.replace(/[^a-zA-Z0-9]+(.?)/g, (_, next) => next.toUpperCase())
  try {
    new Function(`'use strict'; const ${name} = 0`)
    return name
  } catch {
    return `_${name}`
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = indexes().filter(({ path, text }) => {
    return !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text
  })
  if (process.argv.includes('--check')) {
    for (const { path } of stale) say(`${path} is stale: npm run index`)
    if (stale.length > 0) process.exitCode = 1
  } else {
    for (const { path, text } of stale) {
      writeFileSync(join(root, path), text)
      say(`wrote ${path}`)
    }
  }
}
