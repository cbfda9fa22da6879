/** Raised whenever a table or the meaning of a column changes: an older file is thrown away and folded anew. */
export const catalogVersion = 7;

/** Text that names or quotes stands only in `place`, `sighting.detail`, `matter`, `saved_search`, `hold`, `source`, `disposing`, `examination.failed`. */
export const schema = `
create table meta (name text primary key, value) without rowid;
-- witnessed: how much time the ledger has seen pass up to here, see LedgerTime.
create table batch (first integer primary key, next integer not null, time integer not null, witnessed integer not null);
create index batch_time on batch (time);
create table tile (level integer, number integer, hashes blob not null, primary key (level, number)) without rowid;

create table message (
  sequence integer primary key, digest blob not null, generation integer not null, size integer not null,
  captured integer not null, flags text not null, retain integer, state integer not null default 0
);
create unique index message_digest on message (digest, generation);
-- Not from the ledger: messages whose bytes were damaged when they were to be indexed.
create table unread (message integer primary key);

create table place (id integer primary key, custodian text not null, mailbox text not null, unique (custodian, mailbox));
create table sighting (
  sequence integer primary key, message integer not null, place integer not null, source text not null,
  key blob not null, seen integer not null, detail text not null
);
create unique index sighting_key on sighting (key);
create table sighting_repeat (sequence integer primary key, message integer not null);
create index sighting_repeat_message on sighting_repeat (message);
create index sighting_place on sighting (place, message);
create index sighting_again on sighting (message) where message <> sequence;

create table mailbox_uid (epoch blob, uid integer, primary key (epoch, uid)) without rowid;
create table quarantine (
  epoch blob, uid integer, source text not null, code text not null, attempts integer not null, mailbox text not null,
  primary key (epoch, uid)
) without rowid;

create table source (id text primary key, type text not null, sequence integer not null, detail text not null) without rowid;
create table collection (
  sequence integer primary key, source text not null, id text not null, started integer not null, ended integer not null,
  found integer not null, captured integer not null, already integer not null, failed integer not null,
  ignored integer not null
);
create index collection_source on collection (source);

create table matter (id text primary key, sequence integer not null, created integer not null, name text not null, description text not null) without rowid;
create table saved_search (
  id text primary key, matter text not null, sequence integer not null, saved integer not null, actor text not null,
  name text not null, query text not null, unique (matter, name)
) without rowid;
create table hold (
  id text primary key, sequence integer not null, matter text not null, query text not null, reason text not null,
  placed integer not null, swept integer, released integer, released_by integer
) without rowid;
-- since: the entry that says so.
create table hold_match (hold text, message integer, since integer not null, primary key (hold, message)) without rowid;
create index hold_match_message on hold_match (message);

create table schedule (sequence integer primary key, period text, time integer not null);
create table disposing (
  id text primary key, sequence integer not null, message integer not null, reason text not null, time integer not null,
  disposed integer
) without rowid;
create table examination (
  sequence integer primary key, examined integer not null, program text not null, lock text not null, verdict text not null,
  probes text not null, worm text not null, since integer not null, proven integer, failed text not null
);
`;
