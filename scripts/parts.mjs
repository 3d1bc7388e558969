// The built parts of the program: what each is made of and what it is made into. Read by the Vite configurations, which
// build the parts, and by setup.mjs, which finds out which of them are out of date.

/** Programs that Node runs: out/node/<name>.js. */
export const nodeEntries = {
  'engine-main': 'src/node/engine-main.ts',
  'host-main': 'src/node/host-main.ts',
  'cli-main': 'src/node/cli-main.ts',
  'device-worker': 'src/node/device-worker.ts',
  'crew-worker': 'src/node/crew-worker.ts',
  'maker-worker': 'src/node/maker-worker.ts',
}

const common = ['package-lock.json', 'tsconfig.base.json', 'scripts/parts.mjs']

/**
 * `entries` must be there before a build can start and `products` after it; a change in `sources` (files or folders)
 * makes the part stale. `vite` lists the arguments of each Vite run that the part takes.
 */
export const parts = {
  renderer: {
    entries: ['renderer/index.html', 'renderer/gpu/index.html'],
    // The window can import anything but src/node, see layers.mjs.
    sources: ['renderer', 'src', '!src/node', 'models', 'vite.renderer.config.ts', 'svelte.config.js', ...common],
    products: ['out/renderer/index.html', 'out/renderer/gpu/index.html'],
    vite: [['--config', 'vite.renderer.config.ts']],
  },
  node: {
    entries: Object.values(nodeEntries),
    sources: ['src', 'models', 'vite.node.config.ts', ...common],
    products: Object.keys(nodeEntries).map((name) => `out/node/${name}.js`),
    vite: [['--config', 'vite.node.config.ts', '--mode', 'node']],
  },
  electron: {
    entries: ['electron/main.ts', 'electron/preload.ts', 'electron/gpu-preload.ts'],
    sources: ['electron', 'src', 'vite.node.config.ts', ...common],
    products: ['out/electron/main.js', 'out/electron/preload.cjs', 'out/electron/gpu-preload.cjs'],
    vite: [
      ['--config', 'vite.node.config.ts', '--mode', 'electron-main'],
      ['--config', 'vite.node.config.ts', '--mode', 'electron-preload'],
      ['--config', 'vite.node.config.ts', '--mode', 'electron-gpu-preload'],
    ],
  },
}
