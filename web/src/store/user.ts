import { computed, effect, signal } from '@preact/signals'
import { ApiError, ask, askJson, awaitUser, forgetCsrfToken, listenForUnauthorized } from '../api/client.ts'
import type { User } from '../api/types.ts'
import { watch } from './connection.ts'
import { forgetTopics } from './topic.ts'

export type UserState = { readonly kind: 'loading' } | { readonly kind: 'stranger' } | { readonly kind: 'known'; readonly user: User }

export const userState = signal<UserState>({ kind: 'loading' })

/** Whoever is logged in; undefined for a stranger. */
export const user = computed(() => (userState.value.kind === 'known' ? userState.value.user : undefined))

/** Counted up when another person looks, or the same one has other roles: what a page has asked for is no longer true then. */
export const audience = signal(0)

/** The server says it: 401 is a stranger, everything else leaves what was known. */
export async function loadUser(): Promise<void> {
  try {
    userState.value = { kind: 'known', user: await askJson<User>('/api/v1/user') }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      forgetCsrfToken()
      userState.value = { kind: 'stranger' }
    }
  }
}

/** Whether the server would let this person call a route (its name in src/api/routes.ts) in a team. */
export const mayCall = (team: string, routeName: string): boolean => user.value?.actions?.[team]?.includes(routeName) ?? false

/**
 * The first answer comes by HTTP, with the token that actions need; later ones by the topic `me`, which tells of a logout in another
 * tab and of roles that were given or taken.
 */
export function startUser(): void {
  watch.subscribe('me', {
    set: (value) => followMe(value as readonly { readonly user?: User }[]),
    patch: (items) => followMe(items as readonly { readonly user?: User }[]),
    refused(status) {
      if (status === 401) void loginEnded()
    },
  })
  // Another person, or other roles, are another view of every page.
  let known: { readonly person: string; readonly roles: string } | undefined
  effect(() => {
    const state = userState.value
    if (state.kind === 'loading') return
    const before = known
    known = state.kind === 'known' ? { person: state.user.sub, roles: JSON.stringify([state.user.is_admin, state.user.actions]) } : { person: '', roles: '' }
    if (before === undefined || (before.person === known.person && before.roles === known.roles)) return
    if (before.person !== known.person) {
      forgetTopics()
      // Browsers keep the text that a regular expression matched last, which may be a config.
      'none'.match(/none/)
      watch.restart()
    }
    audience.value = audience.peek() + 1
  })
  listenForUnauthorized(() => {
    if (userState.value.kind === 'known') void loadUser()
  })
  awaitUser(loadUser())
}

/** How long a page of a login that is over may wait for an answer. */
const answerMs = 5_000

/** The answer takes the cookie of a login that is over from the browser: with it everything is refused, also what strangers may see. */
async function loginEnded(): Promise<void> {
  await ask('/api/v1/user', { signal: AbortSignal.timeout(answerMs) }).catch(() => undefined)
  forgetCsrfToken()
  userState.value = { kind: 'stranger' }
}

function followMe(items: readonly { readonly user?: User }[]): void {
  const [me] = items
  if (me?.user !== undefined) userState.value = { kind: 'known', user: me.user }
}

/** Where to log in, and come back to this page. */
export const loginUrl = (): string => `/login?redirect_uri=${encodeURIComponent(location.pathname + location.search + location.hash)}`
