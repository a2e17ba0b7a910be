-- Of steps that took long the last time: what follows them is prepared later.
create table step_times (
  job text not null,
  step text not null,
  ms bigint not null,
  saved_at bigint not null,
  primary key (job, step)
);
