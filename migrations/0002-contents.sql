-- Up Migration

-- Bodies by hash, deduplicated per user only: across users a hash would tell who else has the same text.
create table nova.contents (
  user_id text not null,
  sha256 text not null,
  size int not null,
  media_type text not null,
  body bytea not null,
  created_at timestamptz not null default now(),
  primary key (user_id, sha256)
);
alter table nova.contents enable row level security;
alter table nova.contents force row level security;
create policy own_contents on nova.contents to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
grant select, insert on nova.contents to nova_app;

-- Down Migration

drop table nova.contents;
