-- Called when versions of a scope have changed (found, put, enabled): wants the jobs that they may trigger, or whose builds wait, or whose
-- inputs could not be chosen. Others only learn that there is something new.
create or replace function want_jobs_of_scope(p_scope bigint) returns void language plpgsql
-- Without statistics of the tables the planner would read all inputs of all jobs for each new version: half an hour for the first round of
-- checks of 40 000 resources.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  triggered bigint[];
  others bigint[];
  untriggered bigint[];
begin
  -- OFFSET keeps the planner from beginning with the inputs, also where its plan is from a time when there were few.
  select
    array_agg(i.job_id) filter (where i.trigger and i.passed_job_id is null),
    array_agg(i.job_id) filter (where not i.trigger or i.passed_job_id is not null),
    array_agg(i.job_id) filter (where not i.trigger and i.passed_job_id is null)
  into triggered, others, untriggered
  from resources r cross join lateral (select job_id, trigger, passed_job_id from job_inputs where resource_id = r.id offset 0) as i
  where r.scope_id = p_scope;

  if others is not null then
    triggered := triggered || array(
      select s.job_id from job_schedule s
      where s.job_id = any(others)
        and (s.unsat_since is not null or exists (select from builds where builds.job_id = s.job_id and status = 'pending'))
    );
  end if;
  if cardinality(triggered) > 0 then
    perform want_jobs(triggered);
  end if;

  if untriggered is not null then
    update job_schedule set has_new = true
    from (
      select job_id as id from job_schedule where not has_new and job_id = any(untriggered) order by job_id for no key update
    ) as locked
    where job_id = locked.id;
  end if;
end
$$;
