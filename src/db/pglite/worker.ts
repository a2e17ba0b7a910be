import { PGlite } from '@electric-sql/pglite'
import { setFlagsFromString } from 'node:v8'
import { parentPort, workerData } from 'node:worker_threads'
import { DbError, toDbError } from '../db-error.ts'
import type { Answer, Request, WireError, WorkerData } from './messages.ts'
import { initDbParams, optimizeAfterBytes, postgresqlConf } from './settings.ts'

/**
 * The embedded database, in a thread of its own since a query blocks its thread for as long as it takes. It knows no
 * transactions and no queue: pglite-db.ts sends one request after the other.
 */
const port = parentPort
if (port === null) throw new Error('this file runs as a worker thread')
const answer = (message: Answer): void => port.postMessage(message)

// Read when the module is instantiated.
setFlagsFromString(`--wasm-tiering-budget=${optimizeAfterBytes}`)

const text = (value: string): string => value
const { dataDir } = workerData as WorkerData
const pglite = await PGlite.create({
  dataDir,
  postgresqlconf: postgresqlConf,
  initDbStartParams: initDbParams,
  parsers: { 114: text, 3802: text, 1186: text },
}).catch((error: unknown) => {
  answer({ kind: 'unusable', message: toDbError(error).message })
  throw error
})

pglite.onNotification((channel, payload) => answer({ kind: 'notified', channel, payload }))

let queue = Promise.resolve()
port.on('message', (request: Request) => {
  queue = queue.then(() => handle(request))
})
answer({ kind: 'ready' })

async function handle(request: Request): Promise<void> {
  try {
    answer({ kind: 'rows', id: request.id, ...(await perform(request)) })
  } catch (error) {
    answer({ kind: 'error', id: request.id, error: wire(toDbError(error)) })
  }
}

async function perform(request: Request): Promise<{ rows: unknown[]; command: string | undefined }> {
  switch (request.op) {
    case 'query': {
      const { rows, command } = await pglite.query(request.sql, [...request.params])
      return { rows, command }
    }
    case 'script':
      await pglite.exec(request.sql)
      return { rows: [], command: undefined }
    case 'close':
      await pglite.close()
      return { rows: [], command: undefined }
  }
}

const wire = ({ kind, message, code, constraint, table, detail }: DbError): WireError => ({ kind, message, code, constraint, table, detail })
