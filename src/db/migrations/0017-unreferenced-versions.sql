-- For each version that retention removes, the database looks for what refers to it.
create index build_inputs_of_version on build_inputs (version_id);
create index build_outputs_of_version on build_outputs (version_id);
create index job_used_version on job_used (version_id);
create index passed_versions_version on passed_versions (version_id);
create index builds_checks on builds (id) where kind = 'check';
