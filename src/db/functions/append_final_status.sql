-- Appends the event with which a build ends, as src/model/final-status.ts makes it for builds that an engine ends.
-- The caller holds the lock of the build's row.
create or replace function append_final_status(p_build bigint, p_now bigint, p_status text) returns void language plpgsql
as $$
begin
  perform append_build_events(
    p_build, p_now, array['status:final'], array['status'], array['1.0'], array[format('{"status":"%s","time":%s}', p_status, p_now / 1000)], false
  );
end
$$;
