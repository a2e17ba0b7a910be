-- Why somebody has paused a pipeline or a job, in their own words.
alter table pipelines add column paused_why text;
alter table jobs add column paused_why text;

drop trigger ui_changes on jobs;
create trigger ui_changes after update on jobs for each row when (old.paused is distinct from new.paused or old.paused_why is distinct from new.paused_why) execute function tell_ui_pipeline();
