/** How long a build took, or has taken, in ms: whole seconds, as the API tells times. */
export function buildTook({ start_time: start, end_time: end }: { readonly start_time?: number; readonly end_time?: number }, now: number): number | undefined {
  return start === undefined ? undefined : Math.max(0, Math.round((end ?? now / 1_000) - start)) * 1_000
}
