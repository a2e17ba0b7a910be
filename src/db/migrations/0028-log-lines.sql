-- What finding a line of a log needs, without reading the texts, which may be a hundred MB: whose text an event has, and how many lines end in it.
-- Events are JSON: within its strings quotes are escaped, and with its pairs of backslashes taken out each \n left is the end of a line. An error has
-- a line of its own.
alter table build_events
  add column plan_id text collate "C" generated always as (
    case when type in ('log', 'error') then split_part(split_part(payload, '"origin":{"id":"', 2), '"', 1) end
  ) stored,
  add column lines integer generated always as (
    case when type in ('log', 'error') then
      (octet_length(payload) - octet_length(replace(replace(payload, '\\', '  '), '\n', ''))) / 2 + (type = 'error')::int
    end
  ) stored;
