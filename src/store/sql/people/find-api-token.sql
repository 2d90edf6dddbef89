-- What is known of a presented token; no row when there is none. A stream that has moved past what the
-- projection saw can only have moved by the revocation, so that counts at once and on every server:
--   row: version 1, not revoked      stream token-…: version 2      -> revoked
create or replace function nova.find_api_token(p_token_id text)
returns table (
  user_id text, secret_sha256 text, scopes text[], expires_at timestamptz, revoked boolean,
  last_used_at timestamptz
) language plpgsql as $$
declare
  v_token nova.api_tokens;
begin
  perform set_config('app.token_id', p_token_id, true);
  select * into v_token from nova.api_tokens t where t.token_id = p_token_id;
  if not found then
    return;
  end if;
  perform set_config('app.user_id', v_token.user_id, true);
  return query
    select v_token.user_id, v_token.secret_sha256, v_token.scopes, v_token.expires_at,
      v_token.revoked_at is not null or s.version <> v_token.stream_version, u.last_used_at
    from nova.streams s
    left join nova.api_token_uses u on u.user_id = s.user_id and u.token_id = p_token_id
    where s.user_id = v_token.user_id and s.stream_id = 'token-' || p_token_id;
end $$;
