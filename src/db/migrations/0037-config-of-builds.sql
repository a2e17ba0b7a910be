-- Of a job's build: the version of the pipeline's config that its plan was made from. No foreign key: only the newest configs are kept.
alter table builds add column config_version bigint;
-- The build whose step set the config. No foreign key: it may belong to a pipeline that is removed.
alter table pipeline_configs add column set_by_build bigint;
