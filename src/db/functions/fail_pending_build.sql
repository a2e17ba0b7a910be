-- Ends a pending build that cannot start, with an event that says why: no engine has it. False: it is not pending any more.
-- The caller has locked the job_schedule rows of the job and of its group's.
create or replace function fail_pending_build(p_build bigint, p_now bigint, p_end text, p_error text, p_status text) returns boolean language plpgsql
as $$
begin
  perform 1 from builds where id = p_build and status = 'pending' for no key update;
  if not found then
    return false;
  end if;
  update builds set status = p_end, ended_at = p_now, ready = false where id = p_build;
  perform append_build_events(p_build, p_now, array['error', 'status:final'], array['error', 'status'], array['4.1', '1.0'], array[p_error, p_status], false);
  perform job_build_ended(p_build);
  return true;
end
$$;
