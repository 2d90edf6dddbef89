-- Whether an event of any of the user's articles names the body, also an event that is in an archive file.
create or replace function nova.is_named(p_user text, p_body text) returns boolean
language sql stable as $$
  select exists (
      select from nova.events e, nova.bodies_named_by(e.data) body
      where e.user_id = p_user and e.stream_id like 'article-%' and body = p_body)
    or exists (
      select from nova.archived_streams a where a.user_id = p_user and p_body = any (a.bodies))
$$;
