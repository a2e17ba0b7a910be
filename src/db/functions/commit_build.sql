-- One write of a build's lease holder. False, and nothing is written, when the lease is another's.
-- A function: the row's lock must be held before the statements that read events take their snapshot, and one round trip
-- instead of five decides how many lines of output a second can be stored.
create or replace function commit_build(
  p_build bigint, p_owner text, p_now bigint,
  p_keys text[], p_types text[], p_versions text[], p_payloads text[],
  p_plan_ids text[], p_records text[],
  p_containers json,
  p_outputs json,
  p_finish text
) returns boolean language plpgsql
-- Plans are made while the tables are small, and kept: statistics must not choose to read whole tables.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_status text;
begin
  select status into v_status from builds where id = p_build and lease_owner = p_owner for no key update;
  if not found then
    return false;
  end if;

  if cardinality(p_types) > 0 then
    begin
      perform append_build_events(p_build, p_now, p_keys, p_types, p_versions, p_payloads, false);
    exception when unique_violation then
      -- Some of the keys are there already: a commit is repeated, or a step runs again after a restart. The keys are looked up only
      -- then, since that costs more than the insert.
      perform append_build_events(p_build, p_now, p_keys, p_types, p_versions, p_payloads, true);
    end;
  end if;

  if cardinality(p_plan_ids) > 0 then
    insert into steps (build_id, plan_id, record, saved_at)
    select distinct on (plan_id) p_build, plan_id, record::json, p_now
    from unnest(p_plan_ids, p_records) with ordinality as given (plan_id, record, place)
    order by plan_id, place desc
    on conflict (build_id, plan_id) do update set record = excluded.record, saved_at = excluded.saved_at;
    perform save_step_artifacts(p_build, p_plan_ids, p_records);
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
      set build_id = excluded.build_id, plan_id = excluded.plan_id, state = excluded.state, guess = excluded.guess,
          host = excluded.host, log = excluded.log, updated_at = excluded.updated_at;
  end if;

  if p_outputs is not null then
    perform save_build_outputs(p_build, p_now, p_outputs);
  end if;

  if p_finish is not null then
    update builds set status = p_finish, ended_at = coalesce(ended_at, p_now), lease_until = null where id = p_build;
    -- A commit that is repeated, since its answer was lost, ends nothing again.
    if v_status = 'started' then
      perform job_build_ended(p_build);
      perform archive_unset_pipelines(p_build, p_now);
    end if;
  end if;
  return true;
end
$$;
