-- Servers that run, and where others reach them: who is entered into a container goes through the server that holds it.
create table servers (
  id text primary key,
  peer_url text not null,
  seen_at bigint not null
);
