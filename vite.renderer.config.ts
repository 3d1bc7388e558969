import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'renderer',
  // The same files are served from app:// by Electron and from a tokened path by the loopback host.
  base: './',
  // With another root than the repository's, the Svelte configuration is not found by itself.
  plugins: [svelte({ configFile: '../svelte.config.js' })],
  worker: { format: 'es' },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    // Our content security policy allows no inline code, and `data:` for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    // The window, and the page of the desktop's hidden window that has the GPU.
    rolldownOptions: { input: { index: 'renderer/index.html', gpu: 'renderer/gpu/index.html' } },
    // The libraries that are bundled ask that their licence travels with them.
    license: { fileName: 'licenses.md' },
  },
})
