import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTemplate } from '../pglite/template.ts'

/** The template database that tests copy. It is made when it is first needed, and kept between runs. */
export const testTemplate = (): Promise<string> => createTemplate(join(process.env['AIRSIDE_TEST_CACHE'] ?? join(tmpdir(), 'airside-test-cache'), 'pglite'), 0)
