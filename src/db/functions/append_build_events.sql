-- Appends events with dense ids. Of events with one key in the call the first counts; p_skip_known leaves out keys that the build has.
-- The caller holds the lock of the build's row, or two of these would give the same ids.
create or replace function append_build_events(
  p_build bigint, p_now bigint,
  p_keys text[], p_types text[], p_versions text[], p_payloads text[],
  p_skip_known boolean
) returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  next_id integer;
begin
  select event_id + 1 into next_id from build_events where build_id = p_build order by event_id desc limit 1;
  insert into build_events (build_id, event_id, key, type, version, payload, saved_at)
  select p_build, coalesce(next_id, 0) - 1 + row_number() over (order by place), key, type, version, payload, p_now
  from (
    select *, row_number() over (partition by key collate "C" order by place) as occurrence
    from unnest(p_keys, p_types, p_versions, p_payloads) with ordinality as given (key, type, version, payload, place)
  ) as numbered
  where key is null
     or (occurrence = 1 and not (p_skip_known and exists (
          select from build_events old where old.build_id = p_build and old.key = numbered.key)));
end
$$;
