-- Of a rerun that begins at a step: the build whose steps before it are taken as they ended, and that step's plan id. No foreign key: that
-- build may go before this one starts, which then ends with the reason.
alter table builds
  add column reuses_build bigint,
  add column reuses_before text,
  add check ((reuses_build is null) = (reuses_before is null));
