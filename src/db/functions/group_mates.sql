-- Jobs that share a serial group with a job and have a build that waits.
create or replace function group_mates(p_job bigint) returns setof bigint language sql stable
as $$
  select distinct mate.job_id
  from job_serial_groups own join job_serial_groups mate on mate.group_id = own.group_id
  where own.job_id = p_job and mate.job_id <> p_job
    and exists (select from builds where builds.job_id = mate.job_id and status = 'pending')
$$;
