import { defineConfig } from 'vite'

/** Where `airside web` listens, for `npm run web`. */
const server = process.env['AIRSIDE_WEB_URL'] ?? 'http://127.0.0.1:8080'
const proxied = ['/api', '/sky', '/login', '/logout', '/fly_success', '/assets/icon', '/health', '/v2']

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing inline: the content security policy allows no data: scripts, styles or fonts.
    assetsInlineLimit: 0,
    // The polyfill inserts elements by itself; every browser that the target names has the feature.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: { port: 5173, proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, ws: path === '/api' }])) },
})
