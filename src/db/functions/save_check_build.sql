-- Stores a check that ran in memory, as the one build that shows its scope's checks.
create or replace function save_check_build(
  p_scope bigint, p_build bigint, p_team bigint, p_pipeline bigint,
  p_status text, p_context text, p_created bigint, p_ended bigint,
  p_keys text[], p_types text[], p_versions text[], p_payloads text[]
) returns void language plpgsql
as $$
begin
  perform set_config('synchronous_commit', 'off', true); -- as in put_found_on_top
  perform 1 from scope_checks where scope_id = p_scope for no key update;
  if not found then
    return; -- its resources are gone
  end if;
  insert into builds (id, kind, name, team_id, pipeline_id, status, context, created_at, started_at, ended_at)
  values (p_build, 'check', 'check', p_team, p_pipeline, p_status, p_context, p_created, p_created, p_ended);
  perform append_build_events(p_build, p_ended, p_keys, p_types, p_versions, p_payloads, false);
  perform show_check_build(p_scope, p_build);
end
$$;
