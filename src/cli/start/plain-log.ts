/** A line of the server's log, which is JSON, as words for a person. */
export function plainLog(line: string): string {
  const entry = JSON.parse(line) as { msg?: string; err?: { message?: string } }
  return [entry.msg ?? '', entry.err?.message ?? ''].filter((part) => part !== '').join(': ')
}
