import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Longest id that is taken from a client: it stands in each line of the log. */
const longest = 64

const wellFormed = new RegExp(`^[A-Za-z0-9._-]{1,${longest}}$`)

/** The client's own id of its request, when that can stand in a log; else a new one. */
export const requestIdOf = ({ 'x-request-id': given }: IncomingHttpHeaders): string =>
  typeof given === 'string' && wellFormed.test(given) ? given : randomUUID()
