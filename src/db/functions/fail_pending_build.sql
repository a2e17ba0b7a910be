-- Ends a build whose inputs or plan cannot be chosen: no engine has it. False: it is not pending any more.
create or replace function fail_pending_build(p_build bigint, p_now bigint, p_error text, p_status text) returns boolean language plpgsql
as $$
begin
  perform 1 from builds where id = p_build and status = 'pending' for no key update;
  if not found then
    return false;
  end if;
  update builds set status = 'errored', ended_at = p_now where id = p_build;
  perform append_build_events(p_build, p_now, array['error', 'status:final'], array['error', 'status'], array['4.1', '1.0'], array[p_error, p_status], false);
  return true;
end
$$;
