-- A check's build is in no list. Counting its removal made every list be read again; and since that commit does not wait for the disk, a crash of
-- PostgreSQL could take the count back, and the next change be counted as one whose lists are kept already.
drop trigger listed_removal on builds;
create function note_listed_removal() returns trigger language plpgsql as $$
begin
  if exists (select from removed where job_id is not null) then
    insert into listed_changes values (1);
    perform pg_notify('listed_changes', '');
  end if;
  return null;
end
$$;
create trigger listed_removal after delete on builds referencing old table as removed for each statement execute function note_listed_removal();
