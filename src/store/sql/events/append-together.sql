-- Appends to a stream, and one event to each of other streams of the same user, all or none: what a link
-- brings is stored with the link's use and with the links that the answer gives away, so that nothing is left
-- to do after the commit that could fail. SQLSTATE NV001 as in nova.append, for any of the streams. The other
-- streams' rows are taken first, in the order given, so that two of these never wait for each other.
create or replace function nova.append_together(
  p_user text,
  p_other_streams text[],
  p_other_expected int[],
  p_other_ids text[],
  p_other_types text[],
  p_other_schema_versions smallint[],
  p_other_data jsonb[],
  p_stream text,
  p_expected int,
  p_ids text[],
  p_types text[],
  p_schema_versions smallint[],
  p_data jsonb[],
  p_metadata jsonb,
  out version int,
  out last_position bigint,
  out repeated boolean
) language plpgsql as $$
begin
  for i in 1..array_length(p_other_streams, 1) loop
    perform nova.append_one(
      p_user, p_other_streams[i], p_other_expected[i], null, p_other_ids[i], p_other_types[i],
      p_other_schema_versions[i], p_other_data[i], p_metadata);
  end loop;
  select a.version, a.last_position, a.repeated into version, last_position, repeated
    from nova.append(
      p_user, p_stream, p_expected, null, p_ids, p_types, p_schema_versions, p_data, p_metadata) a;
end $$;
