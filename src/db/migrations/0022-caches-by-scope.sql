-- The resource config that a get fetched from, as resource_config_scopes.key has it: caches of a resource are cleared by it.
alter table resource_caches add column scope text;
create index resource_caches_scope on resource_caches (scope) where scope is not null;
