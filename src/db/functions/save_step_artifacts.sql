-- Names what the finished steps among these records stored, so that it stays while the build's rows do.
create or replace function save_step_artifacts(p_build bigint, p_plan_ids text[], p_records text[]) returns void language sql
as $$
  insert into step_artifacts (build_id, plan_id, name, digest, size)
  select distinct on (plan_id, stored.key) p_build, plan_id, stored.key, stored.value ->> 'digest', (stored.value ->> 'size')::bigint
  from (
    select plan_id, record::json -> 'finished' -> 'artifacts' as artifacts, place
    from unnest(p_plan_ids, p_records) with ordinality as given (plan_id, record, place)
    -- A name with NUL or half a surrogate pair, which YAML's escapes can write, cannot be text here: such a step's artifacts are not named,
    -- and its build goes on.
    where record !~* '\\u(0000|d[89a-f][0-9a-f]{2})'
  ) as finished
  cross join lateral json_each(artifacts) as stored
  order by plan_id, stored.key, place desc
  on conflict (build_id, plan_id, name) do update set digest = excluded.digest, size = excluded.size
$$;
