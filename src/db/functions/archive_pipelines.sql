-- Archives pipelines, those that their jobs have set, and so on. Their configs go, with what was derived from them; builds, pauses and pins
-- stay, and pending builds end as aborted. Gives the builds that it has ended.
-- Each level is locked by a query that looks at it again, so that a pipeline that is set meanwhile by something else is left alone.
create or replace function archive_pipelines(p_pipelines bigint[], p_now bigint) returns setof bigint language plpgsql
as $$
declare
  level bigint[];
  build bigint;
begin
  level := array(select id from pipelines where id = any(p_pipelines) and not archived order by id for no key update);
  while cardinality(level) > 0 loop
    update pipelines set archived = true, paused = true, config_version = null, updated_at = p_now where id = any(level);
    delete from pipeline_configs where pipeline_id = any(level);
    delete from job_inputs using jobs where jobs.id = job_id and pipeline_id = any(level);
    delete from serial_groups where pipeline_id = any(level);
    delete from resource_types where pipeline_id = any(level);
    for build in select id from builds where pipeline_id = any(level) and status = 'pending' order by id loop
      perform abort_build(build, p_now, 'the pipeline was archived before the build started');
      return next build;
    end loop;
    level := array(
      select id from pipelines
      where parent_job_id in (select jobs.id from jobs where pipeline_id = any(level)) and not archived
      order by id for no key update
    );
  end loop;
end
$$;
