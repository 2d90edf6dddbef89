-- Up Migration

-- Months of which a part is in a file: their usage events, or all that can leave.
create table nova.event_archives (
  month date not null,
  part text not null check (part in ('usage', 'all')),
  events bigint not null,
  first_position bigint not null,
  last_position bigint not null,
  digest bytea not null,
  archived_at timestamptz not null default now(),
  primary key (month, part)
);

-- Where the chain of a stream goes on after what is in files.
create table nova.archived_streams (
  user_id text not null,
  stream_id text not null,
  month date not null,
  part text not null,
  through_version int not null,
  last_hash bytea not null,
  -- Hashes of the bodies that the archived events name: no sweep takes them for orphans.
  bodies text[] not null default '{}',
  primary key (user_id, stream_id, month),
  foreign key (month, part) references nova.event_archives on delete cascade
);
alter table nova.archived_streams enable row level security, force row level security;

-- Down Migration

drop table nova.archived_streams, nova.event_archives cascade;
