-- name: schema
create table if not exists filed (
    own text primary key,
    state text not null,
    reference text unique,
    remote text,
    token text not null default '',
    link text not null default '',
    category text not null,
    status text not null default 'received',
    word text not null default '',
    begun_at text not null,
    changed_at text not null,
    checked_at text not null
) strict;
create index if not exists filed_by_remote on filed (remote);
create table if not exists added (
    reference text not null,
    own text not null,
    done integer not null default 0,
    at text not null,
    primary key (reference, own)
) strict, without rowid;
create table if not exists changes (
    number integer primary key autoincrement,
    reference text not null,
    status text not null,
    at text not null,
    note text not null,
    party text not null,
    until text
) strict;
create table if not exists seen (key text primary key, at text not null) strict, without rowid;
create table if not exists marks (name text primary key, value text not null) strict, without rowid;

-- name: begin
insert into filed (own, state, category, begun_at, changed_at, checked_at)
values (:own, 'sending', :category, :now, :now, :now)
on conflict (own) do update set state = 'sending';

-- name: forget
delete from filed where own = :own and state = 'sending';

-- name: settle
update filed set state = 'filed', reference = :reference, remote = :remote, token = :token, link = :link
where own = :own;

-- name: resolve
update filed set remote = :remote where own = :own;

-- name: checked
update filed set checked_at = :now where own = :own;

-- name: by_own
select * from filed where own = :own;

-- name: by_reference
select * from filed where reference = :reference;

-- name: by_remote
select * from filed where remote = :remote and state = 'filed';

-- name: watched
select * from filed where state = 'filed' and (status not in ('closed', 'cancelled') or changed_at > :since)
order by begun_at;

-- name: see
insert into seen (key, at) values (:key, :now) on conflict do nothing;

-- name: tell
insert into changes (reference, status, at, note, party, until)
values (:reference, :status, :at, :note, :party, :until);

-- name: move
update filed set status = :status, word = :word, changed_at = :at where reference = :reference;

-- name: changes_after
select * from changes where number > :number order by number limit :most;

-- name: last_change
select seq as number from sqlite_sequence where name = 'changes';

-- name: try_adding
insert into added (reference, own, at) values (:reference, :own, :now) on conflict do nothing;

-- name: done_adding
update added set done = 1 where reference = :reference and own = :own;

-- name: adding
select done from added where reference = :reference and own = :own;

-- name: set_mark
insert into marks (name, value) values (:name, :value) on conflict (name) do update set value = :value;

-- name: mark
select value from marks where name = :name;

-- name: expire_changes
delete from changes where at < :before and reference in (
    select reference from filed where status in ('closed', 'cancelled') and changed_at < :before
);

-- name: expire_added
delete from added where at < :before and reference in (
    select reference from filed where status in ('closed', 'cancelled') and changed_at < :before
);

-- name: expire_filed
delete from filed where status in ('closed', 'cancelled') and changed_at < :before;

-- name: expire_seen
delete from seen where at < :before;
