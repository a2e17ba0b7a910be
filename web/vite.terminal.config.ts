import { join } from 'node:path'
import { defineConfig } from 'vite'
import ui from './vite.config.ts'

/** The terminal, a document of its own: what its library needs of the content security policy no other page allows. Built into the folder of the others. */
export default defineConfig({
  ...ui,
  build: { ...ui.build, emptyOutDir: false, cssCodeSplit: true, rolldownOptions: { input: join(import.meta.dirname, 'terminal.html') } },
})
