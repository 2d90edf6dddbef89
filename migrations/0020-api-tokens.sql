-- Up Migration

-- Personal API tokens. The secret is 256 random bits, so one round of SHA-256 is all it needs at rest.
create table nova.api_tokens_g1 (
  user_id text not null,
  token_id text not null,
  name text not null,
  scopes text[] not null,
  secret_sha256 text not null,
  issued_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  stream_version int not null,
  primary key (user_id, token_id)
);
create index on nova.api_tokens_g1 (token_id);

-- Whoever presents a token is nobody yet, so the row is found by the token's id alone: a session that names
-- one token sees that one row and no other.
create or replace function nova.open_projection_table(p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format(
    'create policy own_rows on %s for select to nova_app
       using (user_id = (select current_setting(''app.user_id'', true)))', p_table);
  execute format('create policy fold on %s to nova_projector using (true)', p_table);
  execute format('grant select on %s to nova_app', p_table);
  execute format('grant select, insert, update, delete on %s to nova_projector', p_table);
  if (select relname like 'api\_tokens\_g%' from pg_class where oid = p_table) then
    execute format(
      'create policy presented on %s for select to nova_app
         using (token_id = (select current_setting(''app.token_id'', true)))', p_table);
  end if;
end $$;

select nova.open_projection_table('nova.api_tokens_g1'),
  nova.publish_projection('api_tokens', 'nova.api_tokens_g1');
insert into nova.projections (name, generation, status) values ('api_tokens', 1, 'live');

-- When a token was last used, to the minute. Not an event: it would be one per minute and token.
create table nova.api_token_uses (
  user_id text not null,
  token_id text not null,
  last_used_at timestamptz not null,
  primary key (user_id, token_id)
);
alter table nova.api_token_uses enable row level security;
alter table nova.api_token_uses force row level security;
create policy own_uses on nova.api_token_uses to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
grant select, insert, update on nova.api_token_uses to nova_app;

-- What is known of a presented token; no row when there is none. A stream that has moved past what the
-- projection saw can only have moved by the revocation, so that counts at once and on every server:
--   row: version 1, not revoked      stream token-…: version 2      -> revoked
create function nova.find_api_token(p_token_id text)
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

create function nova.api_token_used(p_user text, p_token_id text) returns void
language plpgsql as $$
begin
  perform set_config('app.user_id', p_user, true);
  insert into nova.api_token_uses as u values (p_user, p_token_id, now())
    on conflict (user_id, token_id) do update set last_used_at = excluded.last_used_at
      where u.last_used_at < excluded.last_used_at - interval '1 minute';
end $$;

-- Down Migration

drop function nova.api_token_used(text, text);
drop function nova.find_api_token(text);
drop table nova.api_token_uses;
delete from nova.projections where name = 'api_tokens';
drop view nova.api_tokens;
drop table nova.api_tokens_g1;
