import { shardCount, type ShardStore } from '../checks/ports.ts'
import type { Db } from './db.ts'

/** Key of the advisory lock under which shards change hands: an arbitrary number that is used for nothing else. */
const lockNumber = 4_717_284_956

/** Which server checks which scopes. Each has an equal share: one that comes gets it as the others renew theirs. */
export class CheckShards implements ShardStore {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  lease(owner: string, now: number, leaseMs: number): Promise<readonly number[]> {
    return this.#db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [lockNumber])
      await tx.query('delete from check_servers where lease_until <= $1 and owner <> $2', [now, owner])
      await tx.query('insert into check_servers (owner, lease_until) values ($1, $2) on conflict (owner) do update set lease_until = excluded.lease_until', [owner, now + leaseMs])
      await tx.query('insert into check_shards (shard) select generate_series(0, $1::integer - 1) on conflict (shard) do nothing', [shardCount])
      const [{ share } = { share: shardCount }] = await tx.query<{ share: number }>('select ceil($1::integer / count(*)::float)::integer as share from check_servers', [shardCount])
      await tx.query('update check_shards set owner = null where shard in (select shard from check_shards where owner = $1 order by shard offset $2)', [owner, share])
      await tx.query(
        `update check_shards set owner = $1
         where shard in (select shard from check_shards where owner is null order by shard limit greatest($2::integer - (select count(*)::integer from check_shards where owner = $1), 0))`,
        [owner, share],
      )
      return (await tx.query<{ shard: number }>('select shard from check_shards where owner = $1 order by shard', [owner])).map(({ shard }) => shard)
    })
  }

  async release(owner: string): Promise<void> {
    await this.#db.query('delete from check_servers where owner = $1', [owner])
  }

  /** Only for the embedded database: its lock proves that no other server uses it. */
  async releaseAll(): Promise<void> {
    await this.#db.query('delete from check_servers')
  }
}
