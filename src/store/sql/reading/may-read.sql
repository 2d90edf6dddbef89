-- Whether the reader may see a user's rows: those of the user named in app.user_id, of everybody with '*', and
-- of nobody without it, so that a forgotten setting shows nothing.
--   set role nova_reader; set app.user_id = 'ada'; select title from nova_research.articles;
create or replace function nova.may_read(p_user text) returns boolean language sql stable as $$
  select coalesce(current_setting('app.user_id', true) in (p_user, '*'), false)
$$;
