-- Since when a job waits for the scheduler, unix ms by the database's clock: what health tells of the scheduler's lag. Whoever wants a job, the trigger
-- writes it. A pass that has ended starts it anew: what was wanted meanwhile counts from there, and what is to be looked at later from that time on.
-- A pass that failed changes neither counter, so that the job's wait goes on.
alter table job_schedule add column wanted_since bigint not null default (extract(epoch from now()) * 1000)::bigint;

create function note_wanted_since() returns trigger language plpgsql as $$
declare
  at bigint := (extract(epoch from clock_timestamp()) * 1000)::bigint;
begin
  if new.done > old.done or old.wanted <= old.done then
    new.wanted_since := greatest(at, new.not_before);
  else
    new.wanted_since := least(at, old.wanted_since);
  end if;
  return new;
end
$$;

create trigger wanted_since before update of wanted, done on job_schedule for each row
  when (new.wanted > new.done and (new.wanted > old.wanted or new.done > old.done)) execute function note_wanted_since();
