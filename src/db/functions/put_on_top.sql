-- A version that a put made becomes the latest of a scope where it is new there; one that is known stays where it is.
create or replace function put_on_top(p_scope bigint, p_version bigint, p_metadata json, p_now bigint) returns void language plpgsql
as $$
begin
  -- The scope's row is locked before its versions are numbered, as a check does.
  perform 1 from resource_config_scopes where id = p_scope for no key update;
  if not found then
    return;
  end if;
  update scope_versions set metadata = coalesce(p_metadata, metadata) where scope_id = p_scope and version_id = p_version and check_order > 0;
  if found then
    return;
  end if;
  insert into scope_versions (scope_id, version_id, check_order, metadata, created_at)
  values (p_scope, p_version, (select coalesce(max(check_order), 0) + 1 from scope_versions where scope_id = p_scope), p_metadata, p_now)
  on conflict (scope_id, version_id) do update set check_order = excluded.check_order, metadata = coalesce(excluded.metadata, scope_versions.metadata);
  perform want_jobs_of_scope(p_scope);
end
$$;
