import { ask, ApiError } from '../api/client.ts'
import { closeFailed, toast, type Toast } from './toasts.ts'
import { mayCall, user } from './user.ts'

export type Role = 'anybody' | 'viewer' | 'pipeline-operator' | 'member' | 'owner' | 'admin'

/** Something a person can have the server do. */
export interface Action {
  readonly label: string
  /** In which the role is needed; absent: whoever has logged in may do it, or an administrator. */
  readonly team?: string
  /** Its name in the server's table of routes, and the role that it usually needs there. */
  readonly route: string
  readonly role: Role
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** In the place of a body of JSON. */
  readonly text?: { readonly type: string; readonly content: string }
  readonly headers?: Readonly<Record<string, string>>
  /** The command that does the same. */
  readonly fly: string
  /** What is asked before. */
  readonly confirm?: Confirmation
  /** Why it cannot be done now, whoever asks. */
  readonly impossible?: string | undefined
  /** What is said when it is done; nothing where the page shows it anyway. */
  readonly said?: (answer: Response) => Promise<Omit<Toast, 'id' | 'kind' | 'about'>>
}

export interface Confirmation {
  readonly title: string
  readonly text: string
  /** Must be typed: what is done cannot be undone. */
  readonly name?: string
}

/** The same for each try of the same thing. */
const triesOf = ({ label, method, path }: Action): string => `${label} ${method} ${path}`

/** Why this person cannot do it now; undefined: they can. */
export function refusalOf({ team, route, role, impossible }: Action): string | undefined {
  if (impossible !== undefined) return impossible
  const person = user.value
  if (person === undefined) return 'Log in to do this'
  if (role === 'admin') return person.is_admin ? undefined : 'You need to be an administrator of this server'
  if (team === undefined || mayCall(team, route)) return undefined
  // The server's operator may have given the route another role (config-rbac).
  return `You need the role ${person.needs?.[route] ?? role} in team ${team}`
}

/** Says beside the page why it was not done. */
export const sayRefused = (action: Action, why: string): void => toast({ kind: 'failed', text: `${action.label}: ${why}`, about: triesOf(action) })

/**
 * Does it, and says how it went; true: it is done. The page learns by its topics what has changed.
 * @param refused told why it was not done, in the place of a message beside the page
 */
export async function perform(action: Action, refused?: (why: string) => void): Promise<boolean> {
  const { method, path, body, text, headers, said } = action
  try {
    const answer = await ask(path, { method, ...(body !== undefined && { body }), ...(text && { text }), ...(headers && { headers }) })
    closeFailed(triesOf(action))
    if (said !== undefined) toast({ kind: 'done', ...(await said(answer)) })
    return true
  } catch (error) {
    const { message, requestId, status } = error instanceof ApiError ? error : { message: 'The server’s answer could not be read.', requestId: undefined, status: 0 }
    // What the server refuses it says why; its own faults are in its log.
    const why = `${message}${requestId === undefined || status < 500 ? '' : ` (request ${requestId})`}`
    if (refused === undefined) sayRefused(action, why)
    else refused(why)
    return false
  }
}
