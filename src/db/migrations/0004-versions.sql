create table resource_config_scopes (
  key text primary key, -- hash of type chain and source
  created_at bigint not null,
  last_check_started_at bigint,
  last_check_ended_at bigint,
  last_check_error text
);

create table versions (
  scope text not null references resource_config_scopes (key) on delete cascade,
  version_hash text not null, -- of the canonical JSON
  version jsonb not null,
  check_order integer not null, -- 0: known, but no check has shown it yet
  metadata json,
  created_at bigint not null,
  primary key (scope, version_hash)
);
create index versions_order on versions (scope, check_order desc);
