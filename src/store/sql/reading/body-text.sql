-- A stored body as text; null when there is none, as of an erased article.
create or replace function nova.body_text(p_user text, p_sha256 text) returns text
language sql stable as $$
  select convert_from(c.body, 'UTF8') from nova.contents c
  where c.user_id = p_user and c.sha256 = p_sha256
$$;
