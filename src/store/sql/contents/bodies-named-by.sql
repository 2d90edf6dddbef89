-- The hashes of all bodies that an event's data names, at whatever depth.
create or replace function nova.bodies_named_by(p_data jsonb) returns setof text
language sql immutable parallel safe as $$
  select body #>> '{}' from jsonb_path_query(p_data, 'strict $.**.sha256') as body
$$;
