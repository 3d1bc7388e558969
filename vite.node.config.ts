import { defineConfig, type UserConfig } from 'vite'
import { nodeEntries } from './scripts/parts.mjs'

// What Node and Electron run, as three builds chosen by --mode: they differ in format and in the folder they go to.
const builds: Record<string, UserConfig['build']> = {
  node: {
    outDir: 'out/node',
    rolldownOptions: { input: nodeEntries },
    // As in the window's build: what is bundled brings its licence along.
    license: { fileName: 'licenses.md' },
  },
  'electron-main': {
    outDir: 'out/electron',
    rolldownOptions: { input: { main: 'electron/main.ts' } },
  },
  'electron-preload': preload('preload'),
  'electron-gpu-preload': preload('gpu-preload'),
}

/** A sandboxed preload script can be neither a module nor more than one file. */
function preload(name: string): UserConfig['build'] {
  return {
    outDir: 'out/electron',
    emptyOutDir: false,
    rolldownOptions: {
      input: { [name]: `electron/${name}.ts` },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  }
}

export default defineConfig(({ mode }) => {
  const build = builds[mode]
  if (!build) throw new Error(`--mode must be one of ${Object.keys(builds).join(', ')}, not ${mode}`)
  return {
    // Nothing in renderer/public or beside it belongs to these builds.
    publicDir: false,
    ssr: {
      target: 'node',
      noExternal: true,
      // `ws` looks for optional native helpers at run time, so it stays a package of its own.
      external: ['electron', 'ws'],
    },
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      emptyOutDir: true,
      reportCompressedSize: false,
      ...build,
      rolldownOptions: {
        ...build.rolldownOptions,
        output: {
          // Shared chunks lie beside the entries, so that `new URL('./device-worker.js', import.meta.url)` is right
          // wherever the code that says it ends up.
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          ...build.rolldownOptions?.output,
        },
      },
    },
  }
})
