-- Tells of a counted change of lists as well: the embedded database's one server need not ask for the count again until it hears of one, which
-- its own commits are told of before they are answered. Servers on PostgreSQL ask at each request: they would hear of each other's too late.
create or replace function note_listed_change() returns trigger language plpgsql as $$
begin
  insert into listed_changes values (1);
  perform pg_notify('listed_changes', '');
  return null;
end
$$;
