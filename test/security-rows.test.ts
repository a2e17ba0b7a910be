import { glob } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { root, rowsIn } from './named-rows.ts'

/** What a server keeps out, row by row. S: of its own; O: faults that others of its kind had. */
const rows = {
  S1: 'each route lets in and refuses whom the matrix of roles says',
  S2: 'the team of the path counts, whatever body and query say',
  S3: 'a login leads to no other server',
  S4: 'tokens stand in no URL, log, event or error; cookies; forged requests; logout',
  S5: 'people are known by their subject, not by a name',
  S6: 'output of resources is data: SQL, markup, __proto__, depth, size, NUL',
  S7: 'names that become paths or objects lead nowhere else',
  S8: 'archives: links, absolute names, .., devices, bombs, entries',
  S9: 'secrets are hidden however output is cut and escaped',
  S14: 'bounds of bodies, names, requests, logins',
  S15: 'one poisoned object stops no loop for the others',
  S16: 'markup in names, logs and metadata runs nowhere',
  S17: 'patterns of users cannot hang the server',
  S18: 'each change is audited: who, what, when',
  O1: 'any text taken for a token (Argo Workflows GHSA-56px-hm34-xqj5, Argo CD CVE-2022-29165)',
  O2: 'audience of an id token not checked (Argo CD CVE-2023-22482)',
  O3: 'archived objects through another route (Argo Workflows CVE-2024-53862)',
  O4: 'credentials in logs and errors (CVE-2025-62157, GHSA-7vf8-2cr6-54mf, CVE-2023-25163)',
  O5: 'restrictions passed round by another field (CVE-2026-31892)',
  O6: "a server's address forged in a webhook's header (Pipelines-as-Code)",
  O7: 'open redirect after a login (Concourse)',
  O8: "seen in Concourse 8.2.5: existence told, others' versions read, sources of types public, logout late, fly_port pasted, state not bound",
}

/** `S3, O7: title` names both; of a table the title stands behind it. */
const titled = /\b(?:it|test)(?:\.each[^\n]*)?\(['"`]((?:[A-Z]\d+, )*[A-Z]\d+): |^\s*\][^\n]*\)\(['"`]((?:[A-Z]\d+, )*[A-Z]\d+): /gm

test('each row of what is kept out has a test that is named by it', async () => {
  const found = await rowsIn(glob(['src/**/*.{test,suite}.ts', 'test/**/*.test.ts'], { cwd: root }), titled)
  expect(Object.keys(rows).filter((row) => !found.has(row))).toEqual([])
})
