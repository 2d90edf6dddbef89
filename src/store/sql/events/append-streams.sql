-- Appends to several streams of one user, all or none; otherwise as nova.append. The events stand one stream
-- after the other, p_counts says how many are whose, and the answers come in the same order. Callers name the
-- streams in ascending order, so that two of these never wait for each other. The second stream's key is
-- p_key/2, and so on; SQLSTATE NV002 also when a part of this was appended under the key and a part not.
create or replace function nova.append_streams(
  p_user text,
  p_streams text[],
  p_expected int[],
  p_counts int[],
  p_key text,
  p_ids text[],
  p_types text[],
  p_schema_versions smallint[],
  p_data jsonb[],
  p_metadata jsonb
) returns setof text language plpgsql as $$
declare
  v_from int := 1;
  v_to int;
  v_repeated boolean;
  v_appended record;
begin
  for i in 1..array_length(p_streams, 1) loop
    v_to := v_from + p_counts[i] - 1;
    v_appended := nova.append(
      p_user, p_streams[i], p_expected[i], p_key || case when i = 1 then '' else '/' || i end,
      p_ids[v_from:v_to], p_types[v_from:v_to], p_schema_versions[v_from:v_to], p_data[v_from:v_to],
      p_metadata);
    if v_appended.repeated <> v_repeated then
      raise exception 'idempotency key reused' using errcode = 'NV002';
    end if;
    v_repeated := v_appended.repeated;
    v_from := v_to + 1;
    return next v_appended::text;
  end loop;
end $$;
