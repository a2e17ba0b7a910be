-- Puts versions that a check found on top of a scope's order, as p_top has their hashes, and wants the jobs that they may trigger: in the same
-- transaction, since the next check finds nothing new, and would want nobody. The caller holds the lock of the scope's row (scope_order).
create or replace function put_found_on_top(p_scope bigint, p_hashes text[], p_versions text[], p_top text[], p_now bigint) returns void language plpgsql
-- As in scope_order.
set enable_seqscan = off set plan_cache_mode = force_custom_plan
as $$
declare
  last_order integer;
begin
  -- The commit does not wait for the disk, since it has to hold two locks until its end: that of the jobs' rows, and that of all commits that
  -- notify, which the triggers for the web UI do. The end of the check, which is saved later and flushed, makes it durable; what is lost before
  -- that is found again by the next check, since servers forget what they found when they lose the connection (CheckService's onGap).
  perform set_config('synchronous_commit', 'off', true);

  -- In the hashes' order: scopes that save the same new versions at once must not wait for each other in a circle.
  insert into versions (hash, version)
  select given.hash, min(version)::jsonb
  from (select decode(hex, 'hex') as hash, version from unnest(p_hashes, p_versions) as found (hex, version)) as given
  group by given.hash order by given.hash
  on conflict (hash) do nothing;

  select max(check_order) into last_order from scope_versions where scope_id = p_scope;
  insert into scope_versions (scope_id, version_id, check_order, created_at)
  select p_scope, (select id from versions where hash = decode(hex, 'hex')), coalesce(last_order, 0) + place, p_now
  from unnest(p_top) with ordinality as given (hex, place)
  on conflict (scope_id, version_id) do update set check_order = excluded.check_order;

  perform want_jobs_of_scope(p_scope);
end
$$;
