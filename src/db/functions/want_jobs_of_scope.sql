-- Called when versions of a scope have changed (found, put, enabled): wants the jobs that they may trigger, or whose builds wait, or whose
-- inputs could not be chosen. Others only learn that there is something new.
create or replace function want_jobs_of_scope(p_scope bigint) returns void language plpgsql
as $$
begin
  perform want_jobs(array(
    select distinct i.job_id
    from resources r join job_inputs i on i.resource_id = r.id join job_schedule s on s.job_id = i.job_id
    where r.scope_id = p_scope
      and ((i.trigger and i.passed_job_id is null) or s.unsat_since is not null
           or exists (select from builds where builds.job_id = i.job_id and status = 'pending'))
  ));
  update job_schedule set has_new = true
  from (
    select s.job_id as id from job_schedule s
    where not s.has_new and s.job_id in (
      select i.job_id from resources r join job_inputs i on i.resource_id = r.id
      where r.scope_id = p_scope and i.passed_job_id is null and not i.trigger)
    order by s.job_id for no key update
  ) as locked
  where job_id = locked.id;
end
$$;
