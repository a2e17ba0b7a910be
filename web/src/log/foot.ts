import type { State } from './protocol.ts'

const number = new Intl.NumberFormat('en')

/** What stands below a log: how much there is, and whether more may come. `live`: the server would tell of more. */
export function foot(state: State | undefined, { running, live }: { readonly running: boolean; readonly live: boolean }): { readonly size: string; readonly said: string } {
  const lines = state?.lines ?? 0
  return { size: `${number.format(lines)} ${lines === 1 ? 'line' : 'lines'} · ${sizeText(state?.characters ?? 0)}`, said: said(state, running, live) }
}

function said(state: State | undefined, running: boolean, live: boolean): string {
  if (state === undefined) return 'loading'
  if (state.full) return 'too large to be held here: the download has all of it'
  if (state.removed) return 'the rest is no longer kept'
  if (!state.ended) return !running ? 'loading' : live ? 'live' : 'not live'
  return state.first > 0 ? `the first ${number.format(state.first)} lines are in the download alone` : 'complete'
}

function sizeText(characters: number): string {
  if (characters < 1_000) return `${characters} B`
  return characters < 1e6 ? `${(characters / 1e3).toFixed(1)} kB` : `${(characters / 1e6).toFixed(1)} MB`
}
