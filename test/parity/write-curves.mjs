// `node test/parity/write-curves.mjs FOLDER`: what make-curves.py trains on, one file of 32-bit numbers and one of names and
// shapes for each shipped example.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('where to? Name a folder.')
mkdirSync(folder, { recursive: true })
const { module } = await runnerImport(fileURLToPath(new URL('curves.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
})
for (const name of module.names) {
  const { arrays, hash } = await module.settingOf(name)
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ hash, arrays: arrays.map(({ name, shape }) => ({ name, shape })) }))
  writeFileSync(join(folder, `${name}.bin`), Buffer.concat(arrays.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))))
}
