-- Up Migration

-- Bodies by hash, deduplicated per user only: across users a hash would tell who else has the same text.
create table nova.contents (
  user_id text not null,
  sha256 text not null,
  size int not null,
  media_type text not null,
  body bytea not null,
  created_at timestamptz not null default now(),
  -- When the body was last handed in. One that is on its way to its event is not taken for an orphan.
  put_at timestamptz not null default now(),
  primary key (user_id, sha256)
);

-- Bytes of the bodies that a user keeps. Counted where they come and go, so that no way in is forgotten.
create table nova.user_storage (
  user_id text not null,
  bytes bigint not null,
  primary key (user_id)
);

alter table nova.contents enable row level security, force row level security;
alter table nova.user_storage enable row level security, force row level security;

-- Down Migration

drop table nova.contents, nova.user_storage cascade;
