-- No server wrote rows of either: names of builds' artifacts were planned in another shape, and sizes stand where an artifact is named.
drop table build_artifacts;
drop table artifacts;

-- What finished steps stored, by name: for people to look at, and for a build that begins at a later step. commit_build writes the rows,
-- with the records of the steps. They go some days after the build's end, and the artifacts with them.
create table step_artifacts (
  build_id bigint not null references builds (id) on delete cascade,
  plan_id text not null,
  name text not null,
  digest text not null,
  size bigint not null,
  primary key (build_id, plan_id, name)
);
create index step_artifacts_digest on step_artifacts (digest);
