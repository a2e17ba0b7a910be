-- When a scope was checked, and how that ended. Apart from the scope: at thousands of checks a minute each row changes every minute, all in
-- one statement each ten seconds. No column that changes stands in an index and half of each page is free, so that an update stays on its page.
create table scope_checks (
  scope_id bigint primary key references resource_config_scopes (id) on delete cascade,
  wanted_at bigint, -- somebody wants a check that begins after it
  started_at bigint, -- of the last check that ended
  ended_at bigint,
  failures integer not null default 0, -- in a row, up to the last
  error text, -- of the last
  build_id bigint -- shows the last check; no foreign key: retention removes builds, and would look through all rows here for each
) with (fillfactor = 50);

insert into scope_checks (scope_id, started_at, ended_at, error, failures)
select id, last_check_started_at, last_check_ended_at, last_check_error, case when last_check_error is null then 0 else 1 end from resource_config_scopes;

alter table resource_config_scopes drop column last_check_started_at, drop column last_check_ended_at, drop column last_check_error;

-- Jobs with a build that waits for the next end of a check. Removed when it ends.
create table check_waits (
  scope_id bigint not null references resource_config_scopes (id) on delete cascade,
  job_id bigint not null references jobs (id) on delete cascade,
  primary key (scope_id, job_id)
);
create index check_waits_job on check_waits (job_id);

create table disabled_versions (
  resource_id bigint not null references resources (id) on delete cascade,
  version_id bigint not null references versions (id),
  primary key (resource_id, version_id)
);
create index disabled_versions_version on disabled_versions (version_id);
