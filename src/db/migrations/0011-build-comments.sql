alter table builds add column comment text;
