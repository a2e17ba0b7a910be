-- Tells servers of what people look at, whoever changes it: the channel ui_changes, with `pipeline ID`, `builds` (of no pipeline), `checks`
-- or `people` (logins, teams). A transaction's equal notifications are one. Checks end by the thousands in one statement: those are told of
-- once a statement, without saying of which.
create function tell_ui_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('ui_changes', tg_argv[0]);
  return null;
end
$$;

create function tell_ui_pipeline() returns trigger language plpgsql as $$
declare
  pipeline bigint;
begin
  case tg_table_name
    when 'pipelines' then pipeline := case when tg_op = 'DELETE' then old.id else new.id end;
    when 'job_schedule' then select pipeline_id into pipeline from jobs where id = new.job_id;
    when 'disabled_versions' then select pipeline_id into pipeline from resources where id = case when tg_op = 'DELETE' then old.resource_id else new.resource_id end;
    else pipeline := new.pipeline_id;
  end case;
  perform pg_notify('ui_changes', case when pipeline is null then 'builds' else 'pipeline ' || pipeline end);
  return null;
end
$$;

create trigger ui_changes after insert or update or delete on pipelines for each row execute function tell_ui_pipeline();
create trigger ui_changes after update on jobs for each row when (old.paused is distinct from new.paused) execute function tell_ui_pipeline();
create trigger ui_changes after update on resources for each row
  when (old.pin is distinct from new.pin or old.pin_comment is distinct from new.pin_comment or old.scope_id is distinct from new.scope_id) execute function tell_ui_pipeline();
create trigger ui_changes after insert or delete on disabled_versions for each row execute function tell_ui_pipeline();
create trigger ui_changes after update on job_schedule for each row
  when (old.has_new is distinct from new.has_new or old.why::text is distinct from new.why::text) execute function tell_ui_pipeline();
create trigger ui_inserts after insert on builds for each row execute function tell_ui_pipeline();
create trigger ui_changes after update on builds for each row
  when (old.status is distinct from new.status or old.pending_reason is distinct from new.pending_reason or old.comment is distinct from new.comment
    or old.abort_requested is distinct from new.abort_requested or old.reaped_at is distinct from new.reaped_at)
  execute function tell_ui_pipeline();
create trigger ui_changes after insert or update on scope_checks for each statement execute function tell_ui_change('checks');
create trigger ui_changes after insert or update on scope_versions for each statement execute function tell_ui_change('checks');
create trigger ui_changes after insert or update or delete on teams for each statement execute function tell_ui_change('people');
create trigger ui_changes after delete on access_tokens for each statement execute function tell_ui_change('people');
