-- Asks for a build's abort. A pending one ends at once, since no engine has it: 'ended'. A started one is told: 'requested'.
-- Null: there is no such build, or it has ended.
-- p_why is shown in a pending build's events, where it is no person who aborts it.
drop function if exists abort_build(bigint, bigint);
create or replace function abort_build(p_build bigint, p_now bigint, p_why text default null) returns text language plpgsql
as $$
declare
  current text;
  job bigint;
begin
  -- Before the build's row: the scheduler locks its job's row first, too.
  select job_id into job from builds where id = p_build and status = 'pending' and cause is not null;
  if found then
    perform want_jobs(array(select job union select group_mates(job)));
  end if;
  select status into current from builds where id = p_build for no key update;
  if current = 'pending' then
    update builds set status = 'aborted', ended_at = p_now, abort_requested = true where id = p_build;
    if p_why is not null then
      perform append_build_events(
        p_build, p_now, array['error'], array['error'], array['4.1'],
        array[json_build_object('message', p_why, 'origin', json_build_object('id', ''), 'time', p_now / 1000)::text], false
      );
    end if;
    perform append_final_status(p_build, p_now, 'aborted');
    perform job_build_ended(p_build);
    return 'ended';
  elsif current = 'started' then
    update builds set abort_requested = true where id = p_build;
    return 'requested';
  end if;
  return null;
end
$$;
