-- Lists of builds show reruns behind their originals.
create index builds_order on builds ((coalesce(rerun_of, id)), id);
create index builds_job_order on builds (job_id, (coalesce(rerun_of, id)), id);
create index builds_pipeline_order on builds (pipeline_id, (coalesce(rerun_of, id)), id);
create index builds_team_order on builds (team_id, (coalesce(rerun_of, id)), id);
drop index builds_pipeline;
drop index builds_team;
