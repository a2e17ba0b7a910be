-- A container that checks share belongs to the build that was last at work in it: its row's build_id and plan_id follow. The rest of
-- commit_build is as it was in 0002, which is released and so never edited.
--
-- One write of a build's lease holder. False, and nothing is written, when the lease is another's.
-- A function: the row's lock must be held before the statements that read events take their snapshot, and one round trip
-- instead of five is what log throughput is made of.
create or replace function commit_build(
  p_build bigint, p_owner text, p_now bigint,
  p_keys text[], p_types text[], p_versions text[], p_payloads text[],
  p_plan_ids text[], p_records text[],
  p_containers json,
  p_finish text
) returns boolean language plpgsql
-- Plans are made while the tables are small, and kept: no statistics may talk them into reading all of a table.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  next_id integer;
begin
  perform 1 from builds where id = p_build and lease_owner = p_owner for no key update;
  if not found then
    return false;
  end if;

  if cardinality(p_types) > 0 then
    select event_id + 1 into next_id from build_events where build_id = p_build order by event_id desc limit 1;
    next_id := coalesce(next_id, 0);
    begin
      insert into build_events (build_id, event_id, key, type, version, payload, saved_at)
      select p_build, next_id - 1 + row_number() over (order by place), key, type, version, payload, p_now
      from (
        select *, row_number() over (partition by key collate "C" order by place) as occurrence
        from unnest(p_keys, p_types, p_versions, p_payloads) with ordinality as given (key, type, version, payload, place)
      ) as numbered
      where key is null or occurrence = 1;
    exception when unique_violation then
      -- Some of it is there already: a commit repeated, or a step run again after a restart. Asked only then, since the
      -- question costs more than the answer.
      insert into build_events (build_id, event_id, key, type, version, payload, saved_at)
      select p_build, next_id - 1 + row_number() over (order by place), key, type, version, payload, p_now
      from (
        select *, row_number() over (partition by key collate "C" order by place) as occurrence
        from unnest(p_keys, p_types, p_versions, p_payloads) with ordinality as given (key, type, version, payload, place)
      ) as numbered
      where key is null
         or (occurrence = 1 and not exists (
              select from build_events old where old.build_id = p_build and old.key = numbered.key));
    end;
    perform pg_notify('build_events', p_build::text);
  end if;

  if cardinality(p_plan_ids) > 0 then
    insert into steps (build_id, plan_id, record, saved_at)
    select distinct on (plan_id) p_build, plan_id, record::json, p_now
    from unnest(p_plan_ids, p_records) with ordinality as given (plan_id, record, place)
    order by plan_id, place desc
    on conflict (build_id, plan_id) do update set record = excluded.record, saved_at = excluded.saved_at;
  end if;

  if p_containers is not null then
    insert into containers (handle, build_id, plan_id, state, guess, host, log, created_at, updated_at)
    select distinct on (handle) handle, p_build, plan_id, state, guess, host, log, p_now, p_now
    from (
      select row_number() over () as place, given.*
      from json_to_recordset(p_containers) as given (handle text, plan_id text, state text, guess boolean, host text, log json)
    ) as numbered
    order by handle, place desc
    on conflict (handle) do update
      set build_id = excluded.build_id, plan_id = excluded.plan_id, state = excluded.state, guess = excluded.guess, host = excluded.host, log = excluded.log, updated_at = excluded.updated_at;
  end if;

  if p_finish is not null then
    update builds set status = p_finish, ended_at = coalesce(ended_at, p_now), lease_until = null where id = p_build;
    perform pg_notify('build_events', p_build::text);
  end if;
  return true;
end
$$;
