// `npm run curves:gpu [-- --steps 100] [-- --batch 8] [-- --names xor,iris]`: the loss curves of the shipped documents on the GPU
// beside those of the CPU engine, at the documents' own batches and a hundred steps unless something else is said. Ends with
// code 1 where two part. On a software adapter large networks take minutes:
//
//   VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json LD_LIBRARY_PATH=/usr/lib/chromium npm run curves:gpu
import { fileURLToPath } from 'node:url'
import { ensureModules, main } from './setup.mjs'

await main(async () => {
  ensureModules()
  const { runnerImport } = await import('vite')
  // The sources as they are, without a build.
  const { module } = await runnerImport(fileURLToPath(new URL('targets/curves-gpu.ts', import.meta.url)), {
    configFile: false,
    logLevel: 'error',
  })
  process.exitCode = await module.main(process.argv.slice(2))
})
