-- Archives the pipelines that a job set once, and that its newest succeeded build has not set. Called in the transaction that ends a build:
-- a server that is killed between the two would leave a pipeline at work that nothing describes any more. Nobody is told of the pending
-- builds that it ends; who watches one finds out at the next poll.
create or replace function archive_unset_pipelines(p_job bigint, p_now bigint) returns void language plpgsql
as $$
declare
  newest bigint;
  unset bigint[];
begin
  -- Nearly no job sets pipelines: one probe of an index says so.
  perform 1 from pipelines where parent_job_id = p_job and not archived limit 1;
  if not found then
    return;
  end if;
  select id into newest from builds where job_id = p_job and status = 'succeeded' order by id desc limit 1;
  unset := array(select id from pipelines where parent_job_id = p_job and not archived and parent_build_id < newest order by id for no key update);
  perform archive_pipelines(unset, p_now);
end
$$;
