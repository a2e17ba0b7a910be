import { fail, ok, type Result } from '../model/result.ts'
import { Connection, drop } from './connection.ts'
import type { SavedTarget } from './targets.ts'

/** Makes the target's token void on its server. The error is a sentence. */
export async function revoke(target: SavedTarget): Promise<Result<void, string>> {
  const connection = await Connection.open(target)
  if (!connection.ok) return connection
  try {
    const cookie = target.token && `skymarshal_auth="${target.token.type} ${target.token.value}"`
    const answer = await connection.value.send({ method: 'GET', path: '/sky/logout', ...(cookie !== undefined && { headers: { cookie } }) })
    if (!answer.ok) return fail('message' in answer.error ? answer.error.message : answer.error.kind)
    drop(answer.value.body)
    return answer.value.status < 400 ? ok(undefined) : fail(`the server answered ${answer.value.status}`)
  } finally {
    await connection.value.close()
  }
}
