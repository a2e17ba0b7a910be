import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { settingsDocument, settingsList, settingText } from './document.ts'
import { helpLayout } from './help.ts'
import { addSettings } from './settings-of.ts'
import { settings } from './table.ts'

const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'settings.md')

test('docs/settings.md is what the table says (UPDATE_GOLDENS=1 writes it)', () => {
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, settingsDocument())
  expect(readFileSync(file, 'utf8')).toBe(settingsDocument())
})

test('the document and the list have every setting', () => {
  for (const name of Object.keys(settings)) {
    expect(settingsDocument()).toContain(`### \`${name}\`\n`)
    expect(settingsList()).toMatch(new RegExp(`^  ${name} `, 'm'))
  }
})

test('one setting is explained with its variables', () => {
  expect(settingText('encryption-key', settings['encryption-key'])).toMatch(/environment: AIRSIDE_ENCRYPTION_KEY, AIRSIDE_ENCRYPTION_KEY_FILE\n.*secret: +never shown/s)
})

test('help has groups in order, and one line for each setting', () => {
  const command = addSettings(new Command('run').configureHelp({ ...helpLayout, helpWidth: 100 }), 'run')
  const lines = command.helpInformation().split('\n')
  const headings = lines.filter((line) => /^[A-Z].*:$/.test(line) && !line.startsWith('Usage'))
  expect(headings).toEqual(['Runtime:', 'Images:', 'Kubernetes:', 'Docker:', 'Interception:', 'Data:', 'Credentials:', 'Server:', 'Advanced:', 'Options:'])
  for (const line of lines.filter((one) => one.startsWith('  '))) expect(line).toMatch(/^ {2}(?:-h| {4}--)/)
})
