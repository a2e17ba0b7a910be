-- What an operator has paused of that which servers do by themselves; a row each, by Concourse's names.
create table paused_components (
  name text primary key,
  paused_at bigint not null
);
