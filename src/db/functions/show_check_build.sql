-- Makes a build the one that shows its scope's checks; the one before goes. One that a person asked for is left to the collector
-- (src/db/stale-rows.ts): its events may still be read, and whoever waits for it asks how it ended.
create or replace function show_check_build(p_scope bigint, p_build bigint) returns void language plpgsql
as $$
declare
  before bigint;
begin
  select build_id into before from scope_checks where scope_id = p_scope for no key update;
  if not found or before = p_build then
    return;
  end if;
  update scope_checks set build_id = p_build where scope_id = p_scope;
  if before is null then
    return;
  end if;
  -- One that still runs is not removed under its engine.
  delete from builds where id = before and kind = 'check' and created_by is null and status not in ('pending', 'started');
  if found then
    delete from build_events where build_id = before;
  end if;
end
$$;
