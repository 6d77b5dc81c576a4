-- name: put_report
insert into report (
    reference, number, uuid, own, tells, apart, category, lat, lon, filed_at, status, seen_at, asked, due_at, gone
) values (
    :reference, :number, :uuid, :own, :tells, :apart, :category, :lat, :lon, :filed_at, :status, :seen_at, :asked,
    :due_at, :gone
)
on conflict (reference) do update set
    uuid = excluded.uuid, apart = excluded.apart, status = excluded.status, seen_at = excluded.seen_at,
    asked = excluded.asked, due_at = excluded.due_at, gone = excluded.gone

-- name: report_by_own
-- The first: who copies a report there copies our reference with it.
select * from report where own = :own order by number limit 1

-- name: report_by_reference
select * from report where reference = :reference

-- name: successor_of
select * from report where tells = :reference and reference <> :reference order by number desc limit 1

-- name: reports_by_number
select * from report where number in (select value from json_each(:numbers))

-- name: reports_due
select * from report where gone = 0 and due_at <= :now order by due_at limit :most

-- name: put_attempt
insert into attempt (own, at, detail) values (:own, :at, :detail)
on conflict (own) do update set at = excluded.at, detail = excluded.detail

-- name: attempt
select * from attempt where own = :own

-- name: drop_attempt
delete from attempt where own = :own

-- name: add_news
insert or ignore into news (key, reference, status, at, note, until)
values (:key, :reference, :status, :at, :note, :until)

-- name: last_news
select max(number) as number from news

-- name: news_after
select * from news where number > :number order by number limit :most

-- name: spent
select count(*) as count, min(at) as first from spent where at > :since and at <= :now

-- name: spend
insert into spent (at) values (:at)

-- name: refund
delete from spent where rowid = (select max(rowid) from spent)

-- name: drop_spent
delete from spent where at <= :since or at > :now

-- name: get_mark
select value from mark where name = :name

-- name: set_mark
insert into mark (name, value) values (:name, :value)
on conflict (name) do update set value = excluded.value

-- name: blur_closed
update report set lat = null, lon = null
where lat is not null and seen_at < :before and status in ('closed', 'cancelled')

-- name: drop_old_reports
delete from report where seen_at < :before and status in ('closed', 'cancelled')

-- name: drop_old_news
update news set note = '' where at < :before and note <> ''

-- name: drop_old_attempts
delete from attempt where at < :before
