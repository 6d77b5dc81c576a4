-- Times are microseconds since 1970, UTC.

create table counters (
    year integer primary key,
    last integer not null
) strict;

create table cases (
    id integer primary key autoincrement,
    tenant_id text not null,
    own text not null unique,
    reference text not null unique,
    category text not null,
    text text not null,
    contact text not null,
    about text not null,
    place_label text not null,
    place_lat real,
    place_lon real,
    place_home integer not null,
    place_source text not null,
    place_score real not null,
    neighbours integer not null,
    status text not null,
    seen_at integer not null,
    received_at integer not null,
    changed_at integer not null,
    closed_at integer,
    expired_at integer,
    question_text text,
    question_at integer,
    question_until integer
) strict;

create index cases_of_tenant on cases (tenant_id, id) where expired_at is null;
create index cases_open on cases (tenant_id, category, place_lat) where closed_at is null;
create index cases_closed on cases (closed_at) where closed_at is not null and expired_at is null;

create table photos (
    id text primary key,
    case_id integer not null references cases (id),
    jpeg blob not null
) strict;

create index photos_of_case on photos (case_id);

create table entries (
    id integer primary key autoincrement,
    case_id integer not null references cases (id),
    own text,
    at integer not null,
    kind text not null,
    text text not null,
    staff text not null,
    party text not null,
    until integer,
    photo_id text not null,
    unique (case_id, own)
) strict;

-- autoincrement: a number is a cursor, so it is never handed out twice.
create table changes (
    number integer primary key autoincrement,
    case_id integer not null references cases (id),
    status text not null,
    at integer not null,
    note text not null,
    party text not null,
    until integer
) strict;
