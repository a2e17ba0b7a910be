create sequence config_versions;

alter table pipelines
  add column config_version bigint, -- null: it was never set (airside run made it), or it is archived
  add column paused boolean not null default false,
  add column paused_by text,
  add column paused_at bigint,
  add column public boolean not null default false,
  add column archived boolean not null default false,
  add column updated_at bigint;

create table pipeline_configs (
  pipeline_id bigint not null references pipelines (id) on delete cascade,
  version bigint not null,
  config text not null, -- encrypted JSON
  set_by text,
  set_at bigint not null,
  primary key (pipeline_id, version)
);

alter table jobs
  add column active boolean not null default true, -- false: the pipeline's config has it no more
  add column public boolean not null default false,
  add column paused boolean not null default false,
  add column paused_by text,
  add column paused_at bigint,
  add column builds_made integer not null default 0; -- the number of its newest build

alter table builds add column pending_reason text; -- JSON: why a pending build has not started
create index builds_pending on builds (id) where status = 'pending';
create index builds_started_by_job on builds (job_id) where status = 'started';
