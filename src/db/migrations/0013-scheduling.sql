-- What builds of jobs took, made and passed on: the scheduler chooses versions by it, and the builds' ends write it.

alter table builds
  add column cause text check (cause in ('automatic', 'manual', 'rerun')), -- of a build that the scheduler starts; null: airside run's, or none of a job
  add column rerun_of bigint references builds (id) on delete cascade, -- the original, also of a rerun of a rerun
  add column rerun_number integer,
  add column adopted boolean not null default false, -- its inputs are chosen: a rerun can copy them
  add column ready boolean not null default false; -- pending, and lacks nothing but a slot
create index builds_pending_by_job on builds (job_id, id) where status = 'pending';
create index builds_rerun_of on builds (rerun_of) where rerun_of is not null;

alter table jobs
  -- No foreign keys: builds are removed by retention, and what is left of these is looked up or absent.
  add column finished_build bigint, -- the newest that ended, or its newest rerun that ended
  add column transition_build bigint; -- the one whose end last changed the status

create table build_inputs (
  build_id bigint not null references builds (id) on delete cascade,
  name text not null,
  resource_id bigint not null references resources (id) on delete cascade,
  version_id bigint not null references versions (id),
  first_occurrence boolean not null,
  primary key (build_id, name)
);
create index build_inputs_version on build_inputs (resource_id, version_id);

create table build_outputs (
  build_id bigint not null references builds (id) on delete cascade,
  plan_id text not null,
  name text not null,
  resource_id bigint not null references resources (id) on delete cascade,
  version_id bigint not null references versions (id),
  place bigint generated always as identity, -- in the order of saving
  primary key (build_id, plan_id)
);
create index build_outputs_version on build_outputs (resource_id, version_id);

-- The builds that vouched for a build's inputs.
create table build_pipes (
  to_build bigint not null references builds (id) on delete cascade,
  from_build bigint not null references builds (id) on delete cascade,
  primary key (to_build, from_build)
);
create index build_pipes_from on build_pipes (from_build);

-- Versions that builds of a job were started with, whatever their end: one probe says whether a version is new to an input.
create table job_used (
  job_id bigint not null references jobs (id) on delete cascade,
  resource_id bigint not null references resources (id) on delete cascade,
  version_id bigint not null references versions (id),
  input text not null,
  last_build bigint not null,
  primary key (job_id, resource_id, version_id, input)
);

-- Succeeded builds: versions that they put in the order of saving, then those that they got; the arrays are parallel.
create table successes (
  build_id bigint primary key references builds (id) on delete cascade,
  job_id bigint not null references jobs (id) on delete cascade,
  ord bigint not null, -- rerun_of, or the build's own id
  seq bigint generated always as identity, -- rises in each job in the order of commits: the job's row is locked
  resources bigint[] not null,
  versions bigint[] not null
);
create index successes_order on successes (job_id, ord desc, build_id desc);
create index successes_seq on successes (job_id, seq);
create index successes_versions on successes using gin (versions);

-- Versions that some success of the job lists. Only inserted.
create table passed_versions (
  job_id bigint not null references jobs (id) on delete cascade,
  resource_id bigint not null references resources (id) on delete cascade,
  version_id bigint not null references versions (id),
  primary key (job_id, resource_id, version_id)
);
