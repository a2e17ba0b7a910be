-- What a pipeline's card shows of its config, so that a thousand cards need no config decrypted and read. Written with each config.
alter table pipelines add column shown json; -- {groups: [name], display: {…}}; null: it was last set before this column
alter table jobs add column place integer; -- in the config; null: it was last set before this column
