create table events (
  global_position bigint generated always as identity primary key,
  transaction_id  xid8        not null default pg_current_xact_id(),
  stream_id       text        not null,
  stream_version  integer     not null,
  type            text        not null,
  data            jsonb       not null,
  recorded_at     timestamptz not null default now(),
  unique (stream_id, stream_version)
);

revoke update, delete, truncate on events from public;
