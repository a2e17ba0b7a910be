-- Archives the pipelines that a build's job set once, and that its newest succeeded build has not set; all of them when the job is gone from
-- its pipeline, or that is archived. Called in the transaction that ends a build: a server that is killed between the two would leave a
-- pipeline at work that nothing describes any more. Nobody is told of the pending builds that it ends; who watches one finds out at the
-- next poll.
create or replace function archive_unset_pipelines(p_build bigint, p_now bigint) returns void language plpgsql
as $$
declare
  job bigint;
  orphaned boolean;
  newest bigint;
begin
  -- Nearly no job sets pipelines: one probe of an index says so.
  select b.job_id into job from builds b where b.id = p_build
    and exists (select from pipelines where parent_job_id = b.job_id and not archived);
  if not found then
    return;
  end if;
  select not jobs.active or pipelines.archived into orphaned from jobs join pipelines on pipelines.id = pipeline_id where jobs.id = job;
  -- A rerun counts in its original's place: that of an old build, of the config of its time, archives nothing.
  select max(id) into newest from builds where job_id = job and status = 'succeeded' and rerun_of is null;
  select coalesce(max(id), newest) into newest from builds where job_id = job and status = 'succeeded' and rerun_of >= coalesce(newest, 0);
  perform archive_pipelines(
    array(
      select id from pipelines
      where parent_job_id = job and not archived and (orphaned or parent_build_id < newest)
      order by id for no key update
    ),
    p_now
  );
end
$$;
