-- What a call counts: a stored call without a weight counted one.
create or replace function nova.weight_of(p_data jsonb) returns int language sql immutable parallel safe as $$
  select coalesce((p_data->>'weight')::int, 1)
$$;
