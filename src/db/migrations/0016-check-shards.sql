alter table resources add column check_every text; -- as in the config; null: the default

-- Servers that check resources, as long as they say so, and which scopes each checks: those whose id % 64 is the shard.
create table check_servers (
  owner text primary key,
  lease_until bigint not null
);

create table check_shards (
  shard integer primary key,
  owner text references check_servers (owner) on delete set null
);
create index check_shards_owner on check_shards (owner);

-- Pending builds say themselves what they wait for.
drop table check_waits;
