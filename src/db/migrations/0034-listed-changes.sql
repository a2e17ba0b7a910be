-- Counts changes of what lists of pipelines and jobs show: a server that keeps a list's answer asks for the sum before it sends that again. Each
-- change adds a row of 1, in its own transaction and without waiting for others, as it would for a counter in one row (or, worse, deadlock with
-- it). The sum therefore rises with each commit that changes a list, in whatever order they come. Rows are added up now and then
-- (src/db/listed-changes.ts).
create table listed_changes (n bigint not null);

create function note_listed_change() returns trigger language plpgsql as $$
begin
  insert into listed_changes values (1);
  return null;
end
$$;

-- By the statement, where a statement may change many rows and rarely changes nothing that is listed.
create trigger listed_change after insert or delete or update of name on teams for each statement execute function note_listed_change();
create trigger listed_change after insert or update or delete on pipelines for each statement execute function note_listed_change();
create trigger listed_change after insert or delete or update of name, active, paused, paused_by, paused_at, finished_build, transition_build on jobs
  for each statement execute function note_listed_change();
create trigger listed_removal after delete on builds for each statement execute function note_listed_change();
-- By the row, where most changes are not listed: leases, checks, passes of the scheduler.
create trigger listed_insert after insert on builds for each row when (new.job_id is not null) execute function note_listed_change();
create trigger listed_change after update on builds for each row
  when (new.job_id is not null and (old.status, old.name, old.team_id, old.pipeline_id, old.job_id, old.rerun_of, old.started_at, old.ended_at, old.reaped_at)
    is distinct from (new.status, new.name, new.team_id, new.pipeline_id, new.job_id, new.rerun_of, new.started_at, new.ended_at, new.reaped_at))
  execute function note_listed_change();
create trigger listed_change after update on job_schedule for each row when (old.has_new is distinct from new.has_new) execute function note_listed_change();
