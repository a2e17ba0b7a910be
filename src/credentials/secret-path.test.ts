import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillTemplate, fillTemplates, isPathName } from './secret-path.ts'

const templates = ['/c/{{.Team}}/{{.Pipeline}}/{{.Secret}}', '/c/{{ .Team }}/{{- .Secret -}}']

test('templates are filled in order; one with a pipeline only where there is one', () => {
  expect(fillTemplates(templates, 'a/b', { team: 't', pipeline: 'p' })).toEqual(['/c/t/p/a/b', '/c/t/a/b'])
  expect(fillTemplates(templates, 'a', { team: 't' })).toEqual(['/c/t/a'])
})

test('S7: names of teams and pipelines are one segment each, whatever they hold', () => {
  expect(fillTemplate(templates[0]!, 's', { team: '..', pipeline: '../other' })).toBe('/c/%2E%2E/..%2Fother/s')
  expect(fillTemplate(templates[0]!, 's', { team: '%2F', pipeline: '.' })).toBe('/c/%252F/%2E/s')
})

test('a name that leads upwards, or is none, has no path', () => {
  for (const name of ['', '..', 'a/../b', './a', '../../x', 'a/.', 'a\0b']) expect(fillTemplates(templates, name, { team: 't' }), name).toEqual([])
  expect(isPathName('..a/b..')).toBe(true)
})

test('what a name brings is not filled in again', () => {
  expect(fillTemplate('{{.Team}}/{{.Secret}}', '{{.Team}}', { team: '{{.Secret}}' })).toBe('{{.Secret}}/{{.Team}}')
})

test('two scopes never share a path below their own folders', () => {
  const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', '/', '%', '2', 'F', '.', 'E') })
  fc.assert(
    fc.property(name, name, name, name, (team, pipeline, otherTeam, otherPipeline) => {
      fc.pre(team !== otherTeam || pipeline !== otherPipeline)
      const path = (scope: { team: string; pipeline: string }) => fillTemplate('/{{.Team}}/{{.Pipeline}}/{{.Secret}}', 's', scope)
      expect(path({ team, pipeline })).not.toBe(path({ team: otherTeam, pipeline: otherPipeline }))
    }),
  )
})
