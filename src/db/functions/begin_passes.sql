-- Locks jobs that were looked at, in the order in which all do (with p_mates also the jobs of their groups, which may be wanted), and gives those that
-- are still their scheduler's and whose pipeline's config is as it was read. An automatic build is made where p_creates says so.
-- Statements of their own, since each sees what was committed while the one before waited for its locks.
create or replace function begin_passes(p_jobs bigint[], p_owners text[], p_configs bigint[], p_creates boolean[], p_mates boolean, p_now bigint)
returns table (held bigint, created bigint) language plpgsql
as $$
begin
  perform 1 from job_schedule
  where job_id = any(p_jobs) or (p_mates and job_id in (
    select mate.job_id from job_serial_groups own join job_serial_groups mate on mate.group_id = own.group_id where own.job_id = any(p_jobs)))
  order by job_id for no key update;
  perform 1 from jobs where id in (select job from unnest(p_jobs, p_creates) as given (job, creates) where creates) order by id for no key update;
  return query
    with given as (
      select g.job, g.creates, j.pipeline_id, p.team_id
      from unnest(p_jobs, p_owners, p_configs, p_creates) as g (job, owner, config, creates)
        join job_schedule s on s.job_id = g.job and s.owner = g.owner
        join jobs j on j.id = g.job join pipelines p on p.id = j.pipeline_id and p.config_version is not distinct from g.config
    ), numbered as (
      update jobs set builds_made = builds_made + 1 from given where jobs.id = given.job and given.creates returning jobs.id, builds_made, given.pipeline_id, given.team_id
    ), made as (
      insert into builds (kind, name, team_id, pipeline_id, job_id, status, cause, created_at)
      select 'job', builds_made::text, team_id, pipeline_id, id, 'pending', 'automatic', p_now from numbered order by id
      returning id, job_id
    )
    select given.job, made.id from given left join made on made.job_id = given.job;
end
$$;
