-- Asks the scheduler to look at jobs. Their rows are locked by id, as everywhere, so that two callers never wait for each other in a circle.
create or replace function want_jobs(p_jobs bigint[]) returns void language sql
as $$
  update job_schedule set wanted = wanted + 1, not_before = null
  from (select job_id as id from job_schedule where job_id = any(p_jobs) order by job_id for no key update) as locked
  where job_id = locked.id
$$;
