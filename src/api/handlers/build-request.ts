import { jsonOf } from '../reply.ts'
import type { Handler } from '../request.ts'
import { givenByHandSchema } from '../web-schemas.ts'

/** Versions and params that somebody gave with the build. */
export const getBuildRequest: Handler<'build'> = async ({ jobs }, _request, { build }) => {
  const { versions, params } = await jobs.givenByHand(build.id)
  return jsonOf(givenByHandSchema, { versions: [...versions], params })
}
