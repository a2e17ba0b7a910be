import pg from 'pg'

const int8 = (text: string): number | bigint => {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

const text = (value: string): string => value
const arrayOf = pg.types.getTypeParser(1009 as never) as unknown as (value: string) => (string | null)[]

/** By OID: what pg would give otherwise than the embedded database does. */
const parsers = new Map<number, (value: string) => unknown>([
  [20, int8],
  [1016, (value) => arrayOf(value).map((item) => (item === null ? null : int8(item)))],
  [1186, text],
  [17, (value) => Uint8Array.from(Buffer.from(value.slice(2), 'hex'))],
  [114, text],
  [3802, text],
])

export const pgTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}
