-- Called when a check of a scope has ended, whatever it found: wants the jobs with a build that may have waited for it.
create or replace function want_waiting_jobs(p_scope bigint) returns void language sql
as $$
  select want_jobs(array(
    select distinct i.job_id from resources r join job_inputs i on i.resource_id = r.id
    where r.scope_id = p_scope and exists (select from builds where builds.job_id = i.job_id and status = 'pending')
  ))
$$;
