-- Called when a check of a scope has ended, whatever it found: wants the jobs with a build that may have waited for it.
create or replace function want_waiting_jobs(p_scope bigint) returns void language sql
-- Without statistics of the tables the planner would read all inputs of all jobs for each scope.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  select want_jobs(array(
    select distinct i.job_id from resources r cross join lateral (select job_id from job_inputs where resource_id = r.id offset 0) as i
    where r.scope_id = p_scope and exists (select from builds where builds.job_id = i.job_id and status = 'pending')
  ))
$$;
