create table artifacts (
  digest text primary key,
  size bigint not null,
  created_at bigint not null
);

create table build_artifacts (
  build_id bigint not null references builds (id) on delete cascade,
  name text not null,
  digest text not null,
  primary key (build_id, name)
);
create index build_artifacts_digest on build_artifacts (digest);

create table resource_caches (
  key text primary key, -- hash of team, type, image, source, version and params
  digest text not null,
  size bigint not null,
  version json not null,
  metadata json not null,
  created_at bigint not null,
  used_at bigint not null
);
create index resource_caches_digest on resource_caches (digest);

create table task_caches (
  job_id bigint not null references jobs (id) on delete cascade,
  step text not null,
  path text not null,
  digest text not null,
  size bigint not null,
  created_at bigint not null,
  used_at bigint not null,
  primary key (job_id, step, path)
);
create index task_caches_digest on task_caches (digest);

-- Of steps that took long in their job's last build: what follows them is prepared later.
create table step_durations (
  job_id bigint not null references jobs (id) on delete cascade,
  step text not null,
  ms bigint not null,
  saved_at bigint not null,
  primary key (job_id, step)
);
