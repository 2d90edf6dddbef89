-- Each event's hash covers what it says and the hash before it in its stream, so that a changed, missing
-- or reordered event shows.
create or replace function nova.chain_hash(p_before bytea, p_content bytea) returns bytea
language sql immutable parallel safe as $$
  select sha256(coalesce(p_before, ''::bytea) || p_content)
$$;
