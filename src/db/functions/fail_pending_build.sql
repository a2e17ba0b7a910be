-- Ends a pending build that cannot start, with an event that says why: no engine has it. False: it is not pending any more.
-- The caller has locked the job_schedule rows of the job and of its group's.
-- Before it wrote the final event itself it took the event's payload.
drop function if exists fail_pending_build(bigint, bigint, text, text, text);
create or replace function fail_pending_build(p_build bigint, p_now bigint, p_end text, p_error text) returns boolean language plpgsql
as $$
begin
  perform 1 from builds where id = p_build and status = 'pending' for no key update;
  if not found then
    return false;
  end if;
  update builds set status = p_end, ended_at = p_now, ready = false where id = p_build;
  perform append_build_events(p_build, p_now, array['error'], array['error'], array['4.1'], array[p_error], false);
  perform append_final_status(p_build, p_now, p_end);
  perform job_build_ended(p_build);
  return true;
end
$$;
