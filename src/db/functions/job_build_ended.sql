-- What follows from the end of a job's build, in the transaction that ends it: its success, the job's builds that are shown, and the jobs
-- that may have something to do now. Rows are locked in this order everywhere: build, job_schedule by id, job.
create or replace function job_build_ended(p_build bigint) returns void language plpgsql
as $$
declare
  b builds;
  before builds;
  shown builds;
  rerun builds;
begin
  select * into b from builds where id = p_build;
  if b.job_id is null or b.cause is null then
    return;
  end if;
  perform want_jobs(array(
    select b.job_id
    union select job_id from job_inputs where passed_job_id = b.job_id and b.status = 'succeeded'
    union select group_mates(b.job_id)
  ));
  perform 1 from jobs where id = b.job_id for no key update;

  if b.status = 'succeeded' then
    insert into successes (build_id, job_id, ord, resources, versions)
    select b.id, b.job_id, coalesce(b.rerun_of, b.id), coalesce(array_agg(resource_id order by kind, place, name), '{}'), coalesce(array_agg(version_id order by kind, place, name), '{}')
    from (
      select 0 as kind, place, name, resource_id, version_id from build_outputs where build_id = b.id
      union all
      select 1, 0, name, resource_id, version_id from build_inputs where build_id = b.id
    ) as listed
    on conflict (build_id) do nothing;
    insert into passed_versions (job_id, resource_id, version_id)
    select b.job_id, resource_id, version_id from build_outputs where build_id = b.id
    union
    select b.job_id, resource_id, version_id from build_inputs where build_id = b.id
    order by 1, 2, 3
    on conflict do nothing;
  end if;

  -- Shown with the job: the newest build that ended and is no rerun, or that one's newest rerun that ended.
  select f.* into before from jobs join builds f on f.id = finished_build where jobs.id = b.job_id;
  select * into shown from builds
  where job_id = b.job_id and rerun_of is null and status not in ('pending', 'started') order by id desc limit 1;
  select * into rerun from builds where rerun_of = shown.id and status not in ('pending', 'started') order by id desc limit 1;
  if rerun.id is not null then
    shown := rerun;
  end if;
  update jobs set
    finished_build = shown.id,
    transition_build = case when before.id is null or before.status <> shown.status then shown.id else transition_build end
  where id = b.job_id and finished_build is distinct from shown.id;
end
$$;
