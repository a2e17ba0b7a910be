-- Tells servers of the message to everybody, which pages show: on the channel ui_changes, as `wall`.
create trigger ui_changed after insert or update on settings for each row when (new.name = 'wall') execute function tell_ui_change('wall');
create trigger ui_removed after delete on settings for each row when (old.name = 'wall') execute function tell_ui_change('wall');
