-- Values of versions, to find one by the beginning of a commit or digest. Shorter ones (a number, a branch) would find too much.
create table version_values (
  version_id bigint not null references versions (id) on delete cascade,
  value text collate "C" not null, -- in lower case, cut
  primary key (version_id, value)
);
create index version_values_value on version_values (value);

create function keep_version_values() returns trigger language plpgsql as $$
begin
  insert into version_values (version_id, value)
  select distinct added.id, lower(left(part.value, 200)) from added, jsonb_each_text(added.version) as part where length(part.value) >= 6;
  return null;
end
$$;
-- A version never changes.
create trigger version_values after insert on versions referencing new table as added for each statement execute function keep_version_values();

insert into version_values (version_id, value)
select distinct versions.id, lower(left(part.value, 200)) from versions, jsonb_each_text(versions.version) as part where length(part.value) >= 6;
