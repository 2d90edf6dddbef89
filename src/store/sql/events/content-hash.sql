-- What an event says, as a hash: it stands for the data by its own hash, so that erasing the data leaves
-- the chain whole. Time is in microseconds since 1970, which every tool can compute. `stable`
-- and not `immutable`, because convert_to is: otherwise it is not inlined, which costs 5 µs an event.
create or replace function nova.content_hash(
  p_user text, p_stream text, p_id text, p_type text, p_schema_version smallint, p_metadata jsonb,
  p_recorded_us bigint, p_data_hash bytea
) returns bytea language sql stable parallel safe as $$
  select sha256(p_data_hash || convert_to(
    p_user || e'\n' || p_stream || e'\n' || p_id || e'\n' || p_type || e'\n' || p_schema_version::text
      || e'\n' || p_metadata::text || e'\n' || p_recorded_us::text, 'UTF8'))
$$;
