-- Notes that a token was used, at most once a minute.
create or replace function nova.api_token_used(p_user text, p_token_id text) returns void
language plpgsql as $$
begin
  perform set_config('app.user_id', p_user, true);
  insert into nova.api_token_uses as u values (p_user, p_token_id, now())
    on conflict (user_id, token_id) do update set last_used_at = excluded.last_used_at
      where u.last_used_at < excluded.last_used_at - interval '1 minute';
end $$;
