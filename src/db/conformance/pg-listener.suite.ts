import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Postgres } from '../../../test/services/postgres.ts'
import { systemClock } from '../../lib/clock.ts'
import { PgListener } from '../pg/pg-listener.ts'

/** The connection that listens, cut at each point while it is being made. */
export function pgListenerSuite(server: () => Postgres): void {
  describe('PostgreSQL listener', () => {
    let killer: pg.Client
    let listener: PgListener
    beforeEach(async () => {
      killer = new pg.Client(server().url)
      await killer.connect()
    })
    afterEach(async () => {
      await listener.close()
      await killer.end()
    })

    /** A listener whose connections are counted from 1. `connected` may delay a connection before the listener gets it. */
    const listen = (connected: (client: pg.Client, count: number) => Promise<void>): void => {
      let count = 0
      class HeldClient extends pg.Client {
        override async connect(): Promise<this> {
          await super.connect()
          await connected(this, ++count)
          return this
        }
      }
      listener = new PgListener(() => new HeldClient(server().url), systemClock)
    }
    const cut = async (client: pg.Client): Promise<void> => {
      const ended = new Promise((resolve) => client.once('end', resolve))
      await killer.query('select pg_terminate_backend($1)', [Reflect.get(client, 'processID')])
      await ended
    }
    const notify = (payload: string): Promise<unknown> => killer.query(`select pg_notify('channel_a', $1)`, [payload])
    /** The payloads that a listener has received, and a promise for each one. */
    const ear = (): { heard: (string | undefined)[]; callback: (payload: string | undefined) => void; until: (payload: string | undefined) => Promise<void> } => {
      const heard: (string | undefined)[] = []
      const waiting = new Map<string | undefined, () => void>()
      return {
        heard,
        callback: (payload) => {
          heard.push(payload)
          waiting.get(payload)?.()
        },
        until: (payload) => (heard.includes(payload) ? Promise.resolve() : new Promise((resolve) => waiting.set(payload, resolve))),
      }
    }

    it('fails a listen whose new connection is cut, and connects again for the next', async () => {
      listen((client, count) => (count === 1 ? cut(client) : Promise.resolve()))
      const { heard, callback, until } = ear()
      await expect(listener.listen('channel_a', callback)).rejects.toMatchObject({ kind: 'connection' })
      await listener.listen('channel_a', callback)
      await notify('after')
      await until('after')
      expect(heard).toEqual(['after'])
    })

    it('replaces a lost connection when the replacement is cut', async () => {
      let first: pg.Client | undefined
      listen(async (client, count) => {
        first ??= client
        if (count === 2) await cut(client)
      })
      const { heard, callback, until } = ear()
      await listener.listen('channel_a', callback)
      await cut(first!)
      await until(undefined)
      await notify('after')
      await until('after')
      expect(heard).toEqual([undefined, 'after'])
    })

    it('replaces a lost connection without listeners when the replacement is cut', async () => {
      let first: pg.Client | undefined
      const third = Promise.withResolvers<void>()
      listen(async (client, count) => {
        first ??= client
        if (count === 2) await cut(client)
        if (count === 3) third.resolve()
      })
      const stop = await listener.listen('channel_a', () => undefined)
      await stop()
      await cut(first!)
      await third.promise
      const { heard, callback, until } = ear()
      await listener.listen('channel_a', callback)
      await notify('after')
      await until('after')
      expect(heard).toEqual(['after'])
    })

    it('reports a gap only to those that listened before it', async () => {
      let first: pg.Client | undefined
      const second = Promise.withResolvers<void>()
      const release = Promise.withResolvers<void>()
      listen(async (client, count) => {
        first ??= client
        if (count !== 2) return
        second.resolve()
        await release.promise
      })
      const before = ear()
      await listener.listen('channel_b', before.callback)
      await cut(first!)
      await second.promise
      const between = ear()
      const listening = listener.listen('channel_a', between.callback)
      release.resolve()
      await listening
      await before.until(undefined)
      await notify('after')
      await between.until('after')
      expect(between.heard).toEqual(['after'])
    })
  })
}
