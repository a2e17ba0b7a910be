import type { ConcourseVariables } from './setting.ts'

/** Concourse's names for its database, as one address. Its defaults hold: 127.0.0.1:5432, database atc, no TLS. */
export const concoursePostgres: ConcourseVariables = {
  names: ['HOST', 'PORT', 'SOCKET', 'USER', 'PASSWORD', 'DATABASE', 'SSLMODE', 'CA_CERT', 'CLIENT_CERT', 'CLIENT_KEY'].map((name) => `CONCOURSE_POSTGRES_${name}`),
  read(variable) {
    const given = (name: string) => variable(`CONCOURSE_POSTGRES_${name}`)
    if (['HOST', 'SOCKET', 'USER', 'PASSWORD', 'DATABASE'].every((name) => given(name) === undefined)) return undefined
    const encoded = (name: string) => encodeURIComponent(given(name) ?? '')
    const user = given('USER') === undefined ? '' : `${encoded('USER')}${given('PASSWORD') === undefined ? '' : `:${encoded('PASSWORD')}`}@`
    const socket = given('SOCKET')
    const host = socket === undefined ? `${given('HOST') ?? '127.0.0.1'}:${given('PORT') ?? '5432'}` : 'localhost'
    const query = new URLSearchParams()
    if (socket !== undefined) query.set('host', socket)
    // Else the driver takes `require` for a check of the certificate, which Concourse does not make.
    query.set('uselibpqcompat', 'true')
    query.set('sslmode', given('SSLMODE') ?? 'disable')
    for (const [key, name] of [['sslrootcert', 'CA_CERT'], ['sslcert', 'CLIENT_CERT'], ['sslkey', 'CLIENT_KEY']] as const) {
      const file = given(name)
      if (file !== undefined) query.set(key, file)
    }
    return `postgres://${user}${host}/${given('DATABASE') === undefined ? 'atc' : encoded('DATABASE')}?${query.toString()}`
  },
}
