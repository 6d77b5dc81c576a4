-- name: next_number
insert into counters (year, last) values (:year, 1)
on conflict (year) do update set last = last + 1
returning last;

-- name: insert_case
insert into cases (
    tenant_id, own, reference, category, text, contact, about, place_label, place_lat, place_lon,
    place_home, place_source, place_score, neighbours, status, seen_at, received_at, changed_at
) values (
    :tenant_id, :own, :reference, :category, :text, :contact, :about, :place_label, :place_lat, :place_lon,
    :place_home, :place_source, :place_score, :neighbours, :status, :seen_at, :now, :now
);

-- name: case_by_own
select * from cases where own = :own;

-- name: case_by_reference
select * from cases where reference = :reference;

-- name: cases_of_tenant
select * from cases where tenant_id = :tenant_id and expired_at is null order by id desc;

-- name: open_near
select * from cases
where tenant_id = :tenant_id and category = :category and closed_at is null
    and place_lat between :south and :north;

-- name: entry_known
select 1 from entries where case_id = :case_id and own = :own;

-- name: insert_entry
insert into entries (case_id, own, at, kind, text, staff, party, until, photo_id)
values (:case_id, :own, :at, :kind, :text, :staff, :party, :until, :photo_id);

-- name: entries_of_case
select * from entries where case_id = :case_id order by id;

-- name: insert_photo
insert into photos (id, case_id, jpeg) values (:id, :case_id, :jpeg);

-- name: photo
select photos.jpeg from photos join cases on cases.id = photos.case_id
where cases.tenant_id = :tenant_id and cases.reference = :reference and photos.id = :photo;

-- name: photos_of_case
select id, case_id from photos where case_id = :case_id order by rowid;

-- name: photos_of_tenant
select photos.id, photos.case_id from photos join cases on cases.id = photos.case_id
where cases.tenant_id = :tenant_id and cases.expired_at is null
order by photos.rowid;

-- name: touch_case
update cases set changed_at = :now, neighbours = :neighbours where id = :case_id;

-- name: move_case
update cases set
    status = :status, changed_at = :now, closed_at = :closed_at, expired_at = null,
    question_text = :question_text, question_at = :question_at, question_until = :question_until
where id = :case_id;

-- name: drop_contact
update cases set contact = '' where id = :case_id;

-- name: insert_change
insert into changes (case_id, status, at, note, party, until, merged_into)
values (:case_id, :status, :at, :note, :party, :until, :merged_into);

-- name: assign_case
update cases set changed_at = :now, assigned = :assigned where id = :case_id;

-- name: merge_case
update cases set merged_into = :into where id = :case_id;

-- name: last_change
select coalesce(max(number), 0) as number from changes;

-- name: changes_after
select changes.*, cases.reference from changes join cases on cases.id = changes.case_id
where changes.number > :number
order by changes.number
limit :most;

-- name: expire_photos
delete from photos where case_id in (
    select id from cases where closed_at <= :before and expired_at is null
);

-- name: expire_entries
update entries set photo_id = '' where photo_id <> '' and case_id in (
    select id from cases where closed_at <= :before and expired_at is null
);

-- name: expire_cases
update cases set contact = '', expired_at = :now where closed_at <= :before and expired_at is null;
