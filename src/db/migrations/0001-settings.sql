-- Every *_at and *_until column of this database: unix time in milliseconds, given by the caller.
create table settings (
  name text primary key,
  value text not null,
  encrypted boolean not null
);
