alter table containers add column entered_at bigint; -- when somebody was last in it, by intercept
