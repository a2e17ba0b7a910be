alter table builds
  add column reaped_at bigint, -- when its log was removed, with its plan
  drop constraint builds_check,
  add constraint builds_context check (context is not null or status in ('pending', 'aborted', 'errored') or reaped_at is not null);
create index builds_logged on builds (job_id, id) where reaped_at is null;
