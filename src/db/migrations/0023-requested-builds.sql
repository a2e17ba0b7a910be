-- What a person asks for with a build: versions of inputs by name ({"app": 17}, ids of versions), and params of tasks, encrypted.
alter table builds
  add column chosen_versions jsonb,
  add column params text;
