import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// The page that the window's canvas is compared with; built by test/e2e/stress.pw.ts, no part of the program.
export default defineConfig({
  root: 'renderer/stress',
  base: './',
  plugins: [svelte({ configFile: '../../svelte.config.js' })],
  build: {
    outDir: '../../out/stress',
    emptyOutDir: true,
    target: 'chrome130',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
