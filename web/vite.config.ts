import { basename } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

/** Where `airside web` listens, for `npm run web`. */
const server = process.env['AIRSIDE_WEB_URL'] ?? 'http://127.0.0.1:8080'
const proxied = ['/api', '/sky', '/login', '/logout', '/fly_success', '/assets/icon', '/health', '/v2']

/** Vite calls each import() by a function that asks for its style sheets and its own imports first. There is one style sheet, and pages/registry.ts asks early for the file that pages share: what is left of it is half a kilobyte of the first script. */
const plainImports: Plugin = {
  name: 'airside:plain-imports',
  enforce: 'pre',
  load: { filter: { id: /^\0vite\/preload-helper\.js$/ }, handler: () => 'export const __vitePreload = (load) => load()' },
}

/** What pages share that the first one has no use of. */
const shared = {
  parts: 'Pager|VersionText|BuildBars|Panel|Fields|SafeLink|Failure|middle|OfferButton|Confirm|CopyButton|offered|use-kept-focus|use-field-focus|fitted-name|terminal-url',
  shell: 'PauseNotice|ResourceIcon|ActionEnd|ActionButton|Refusal',
  store: 'build-actions|durations|icons|job|job-actions|pause-reasons|pipeline|pipeline-changes|resource-actions|use-answer|use-picture|workers',
}
/** What the first page needs. */
const first = [
  'main', 'routes', 'style', 'api/(?!watch-by-fetch|sse)', 'search/(?!palette)', `parts/(?!${shared.parts}|favicon)`, `shell/(?!${shared.shell})[^/]+$`, 'pages/(registry|dashboard)',
  'store/(action|connection|favourites|fly|navigation|now|paths|pipeline-actions|reading|team-order|theme|toasts|topic|use-topic|user)\\.',
].join('|')
const ofSources = (paths: string): RegExp => new RegExp(`web/src/(${paths})`)

/** The UI but for the terminal, which has a build of its own: a module that both need would be a file of its own, and a request more of each page. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [plainImports],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // By file and name: a hash in each cannot be compressed. Files' names are all different.
  css: { modules: { generateScopedName: (name, file) => `${basename(file.split('?')[0] ?? '', '.module.css')}_${name}` } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // Nothing inline: the content security policy allows no data: scripts, styles or fonts.
    assetsInlineLimit: 0,
    // One style sheet, 10 kB packed: a sheet for each page is larger in all, and one more file that the page waits for.
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    // What the first page and most others need is one file, and what several of the others need is another: a file for each module that two pages share would be a request each.
    rolldownOptions: { output: { codeSplitting: { groups: [
      { name: 'pages', priority: 1, test: ofSources(`parts/(${shared.parts})|shell/(${shared.shell}|failed)|store/(${shared.store})\\.|pages/job/(WhyList|TriggerWith)|pages/build/job-of|pages/pipeline/looks`) },
      { name: 'app', priority: 2, test: new RegExp(`${ofSources(first).source}|node_modules/(@preact|preact)`) },
    ] } } },
  },
  worker: { format: 'es' },
  server: { port: 5173, proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, ws: path === '/api' }])) },
})
