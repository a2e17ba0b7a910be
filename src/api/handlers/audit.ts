import type { StoredAuditEntry } from '../../model/audit.ts'
import { pageOf } from '../paging.ts'
import { jsonOf, text, type Reply } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { auditEntrySchema } from '../schemas.ts'

export const listAudit: Handler = (services, request) => listed(services, request, undefined)
export const listTeamAudit: Handler = (services, request) => listed(services, request, request.params['team_name'])

async function listed({ auditLog }: ApiServices, { query }: ApiRequest, team: string | undefined): Promise<Reply> {
  const page = pageOf(query)
  if (!page.ok) return text(400, page.error)
  const { from, to, limit } = page.value
  const entries = await auditLog.page({ limit, ...(team !== undefined && { team }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
  return jsonOf(auditEntrySchema.array(), entries.map(present))
}

const present = ({ at, ...entry }: StoredAuditEntry) => ({ ...entry, time: Math.floor(at / 1000) })
