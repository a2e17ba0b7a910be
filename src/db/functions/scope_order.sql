-- Which of the given versions stand in a scope's order, and its latest, by their hashes. No row: the scope is gone. With p_lock the scope's row is
-- locked before its order is read: two checks of one scope must not number at once.
create or replace function scope_order(p_scope bigint, p_hashes text[], p_lock boolean) returns table (known text[], latest text) language plpgsql
-- Each version is probed for by itself: without statistics a join would begin with all versions of the scope.
-- Planned each time: a plan from a time when there were few versions could sort all of a scope's for the latest.
set enable_seqscan = off set plan_cache_mode = force_custom_plan
as $$
begin
  if p_lock then
    perform 1 from resource_config_scopes where id = p_scope for no key update;
  else
    perform 1 from resource_config_scopes where id = p_scope;
  end if;
  if not found then
    return;
  end if;
  return query select
    array(
      select hex from (select distinct unnest(p_hashes) as hex) as given
      where (
        select check_order > 0 from scope_versions
        where scope_id = p_scope and version_id = (select id from versions where hash = decode(hex, 'hex')) limit 1
      )
    ),
    (
      select encode(hash, 'hex') from scope_versions join versions on versions.id = version_id
      where scope_id = p_scope and check_order > 0 order by check_order desc limit 1
    );
end
$$;
