create table if not exists report (
    reference text primary key,
    number integer not null unique,
    uuid text not null,
    own text,
    tells text not null,
    apart integer not null,
    category text not null,
    lat real,
    lon real,
    filed_at text not null,
    status text not null,
    seen_at text not null,
    asked integer not null,
    due_at real not null,
    gone integer not null
);
create index if not exists report_due on report (gone, due_at);
create index if not exists report_own on report (own);
create table if not exists attempt (
    own text primary key,
    at text not null,
    detail integer not null
);
create table if not exists news (
    number integer primary key autoincrement,
    key text not null unique,
    reference text not null,
    status text not null,
    at text not null,
    note text not null,
    until text
);
create table if not exists spent (at real not null);
create table if not exists mark (name text primary key, value text not null);
