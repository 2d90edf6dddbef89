-- A UUID for a row that has none of its own: the same each time, made of what names the row.
create or replace function nova.row_id(p_name text) returns uuid
language sql immutable parallel safe as $$
  select md5(p_name)::uuid
$$;
