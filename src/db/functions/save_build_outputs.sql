-- Versions that puts of a build made become its outputs at once, whatever its end, and go on top of their resource's scope where they are
-- new. A put of a resource that the pipeline does not have any more leaves nothing.
create or replace function save_build_outputs(p_build bigint, p_now bigint, p_outputs json) returns void language plpgsql
as $$
declare
  given record;
begin
  -- In the hashes' order: builds that save the same new versions at once must not wait for each other in a circle.
  insert into versions (hash, version)
  select decode(hash, 'hex'), min(version::text)::jsonb from json_to_recordset(p_outputs) as o (hash text, version json) group by hash order by hash
  on conflict (hash) do nothing;
  for given in
    select o.value ->> 'plan_id' as plan_id, o.value ->> 'name' as name, (o.value ->> 'metadata')::json as metadata, r.id as resource_id, r.scope_id, v.id as version_id
    from json_array_elements(p_outputs) with ordinality as o (value, place)
    join builds b on b.id = p_build
    join resources r on r.pipeline_id = b.pipeline_id and r.name = o.value ->> 'resource'
    join versions v on v.hash = decode(o.value ->> 'hash', 'hex')
    order by o.place
  loop
    insert into build_outputs (build_id, plan_id, name, resource_id, version_id)
    values (p_build, given.plan_id, given.name, given.resource_id, given.version_id)
    on conflict (build_id, plan_id) do nothing;
    if found and given.scope_id is not null then
      perform put_on_top(given.scope_id, given.version_id, given.metadata, p_now);
    end if;
  end loop;
end
$$;
