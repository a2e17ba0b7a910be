/** Topics that are a name alone. */
export const namedTopics = ['me', 'wall', 'dashboard', 'unfinished'] as const

/** What a client of /api/v1/watch may follow. */
export type Topic =
  | { readonly kind: (typeof namedTopics)[number] }
  | { readonly kind: 'pipeline' | 'job' | 'resource' | 'build'; readonly id: number }
  | { readonly kind: 'builds'; readonly query: string }
  | { readonly kind: 'events'; readonly id: number; readonly after: number }

/** Items that make a list, as opposed to a build's stream of events. */
export type ListTopic = Exclude<Topic, { kind: 'events' }>

const longestTopic = 1024

/** Undefined: there is no such topic. */
export function parseTopic(text: string): Topic | undefined {
  if (text.length > longestTopic) return undefined
  const named = namedTopics.find((name) => name === text)
  if (named !== undefined) return { kind: named }
  if (text === 'builds' || text.startsWith('builds?')) return { kind: 'builds', query: text.slice('builds?'.length) }
  const [, kind, id, after] = /^(pipeline|job|resource|build)\/(\d{1,15})(?:\/events\?after=(-1|\d{1,15}))?$/.exec(text) ?? []
  if (id === undefined) return undefined
  if (after !== undefined) return kind === 'build' ? { kind: 'events', id: Number(id), after: Number(after) } : undefined
  return { kind: kind as 'pipeline' | 'job' | 'resource' | 'build', id: Number(id) }
}
