-- Starts pending builds, one of a job at most, with their contexts, inputs and pipes; gives those that were pending still. p_inputs_of and p_pipes_of say
-- which build an input or a pipe is of, p_configs from which version of the pipeline's config each plan was made: null, of a server that
-- runs since before that was recorded. The caller has locked the job_schedule rows of their jobs.
drop function if exists start_builds(bigint, bigint[], text[], bigint[], text[], bigint[], bigint[], boolean[], bigint[], bigint[]);
create or replace function start_builds(
  p_now bigint, p_builds bigint[], p_contexts text[],
  p_inputs_of bigint[], p_names text[], p_resources bigint[], p_versions bigint[], p_firsts boolean[],
  p_pipes_of bigint[], p_pipes bigint[], p_configs bigint[] default null
) returns setof bigint language plpgsql
as $$
declare
  v_started bigint[];
begin
  perform 1 from builds where id = any(p_builds) and status = 'pending' order by id for no key update;
  with begun as (
    update builds set status = 'started', started_at = p_now, context = given.context, config_version = given.config, adopted = true, ready = false
    from unnest(p_builds, p_contexts, p_configs) as given (build, context, config) where id = given.build and status = 'pending' returning id
  ) select array(select id from begun) into v_started;
  insert into build_inputs (build_id, name, resource_id, version_id, first_occurrence)
  select * from unnest(p_inputs_of, p_names, p_resources, p_versions, p_firsts) as given (build, name, resource, version, first) where build = any(v_started);
  insert into job_used (job_id, resource_id, version_id, input, last_build)
  select b.job_id, resource, version, given.name, b.id
  from unnest(p_inputs_of, p_names, p_resources, p_versions) as given (build, name, resource, version) join builds b on b.id = given.build
  where b.id = any(v_started) order by b.job_id, given.name
  on conflict (job_id, resource_id, version_id, input) do update set last_build = greatest(job_used.last_build, excluded.last_build);
  insert into build_pipes (to_build, from_build)
  select distinct given.build, b.id from unnest(p_pipes_of, p_pipes) as given (build, pipe) join builds b on b.id = given.pipe where given.build = any(v_started);
  return query select unnest(v_started);
end
$$;
