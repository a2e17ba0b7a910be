-- Who did what: rows are only ever added, and removed when they are old. Names stand as they were then.
create table audit (
  id bigint generated always as identity primary key,
  at bigint not null,
  action text not null,
  user_id bigint,
  user_name text not null,
  token_kind text,
  token_id bigint,
  team text,
  subject text not null,
  status int not null,
  address text not null,
  detail jsonb
);
create index audit_by_team on audit (team, id);
create index audit_by_time on audit (at);
