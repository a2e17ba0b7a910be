import { finished } from 'node:stream/promises'
import type { Command } from 'commander'
import { CommandError, exitStatus } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { orFail } from '../../remote/session.ts'
import { choice, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const

export function addCurlCommand(program: Command): void {
  addRemoteCommand(program, {
    names: ['curl', 'c'],
    summary: 'send a request to the API, with your token',
    description: 'Sends a request to the API and prints the answer. The exit status is 1 where the server refused. Paths are those of /api/v1/openapi.json. The program curl is not needed, and no list of processes shows your token.',
    examples: ['airside curl /api/v1/info', `airside curl /api/v1/teams/main/pipelines/demo/rename -X PUT -d '{"name": "shown"}'`],
    flags: { request: { short: 'X', type: choice('METHOD', methods), summary: `the method: ${methods.join(', ')}`, default: 'GET' }, data: { short: 'd', type: text('TEXT'), summary: 'the body' }, 'content-type': { type: text('TYPE'), summary: 'what the body is', default: 'application/json' } },
    words: ['PATH', 'the path, with its query'],
    async run(session, { request: method, data, contentType }, words) {
      const [path, more] = words
      if (path === undefined || more !== undefined || !path.startsWith('/')) throw new CommandError('which path? airside curl /api/v1/…')
      const answer = orFail(await session.api.connection.send({ method, path, ...(data !== undefined && { body: data, headers: { 'content-type': contentType } }) }), session)
      // A terminal is shown no control sequences of the answer; a file gets it as it is.
      if (process.stdout.isTTY) answer.body.on('data', (piece: Buffer) => terminal.log(piece.toString('utf8').replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD')))
      else answer.body.pipe(process.stdout, { end: false })
      await finished(answer.body)
      if (answer.status >= 400) throw new CommandError(`the server answered ${answer.status}`, exitStatus.failed)
    },
  })
}
