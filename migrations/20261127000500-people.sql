-- Up Migration

-- When a token was last used, to the minute. Not an event: it would be one per minute and token.
create table nova.api_token_uses (
  user_id text not null,
  token_id text not null,
  last_used_at timestamptz not null,
  primary key (user_id, token_id)
);
alter table nova.api_token_uses enable row level security, force row level security;

-- The keys with which an issuer signs, as it last gave them: a server that starts while the issuer is down
-- goes on with them for a while.
create table nova.issuer_keys (
  issuer text primary key,
  spelled text not null,
  jwks_uri text not null,
  keys jsonb not null,
  confirmed_at timestamptz not null
);

-- Down Migration

drop table nova.api_token_uses, nova.issuer_keys cascade;
