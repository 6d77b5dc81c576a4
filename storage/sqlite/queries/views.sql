-- name: list_groups
SELECT g.id, g.tenant_id, g.account, g.name, g.state,
    (SELECT count(DISTINCT r.id) FROM incidents AS i JOIN reports AS r ON r.id = i.report_id
     WHERE i.group_id = g.id AND i.archived = 0 AND r.status NOT IN ('closed', 'cancelled')) AS open_reports,
    (SELECT count(*) FROM prompts AS p WHERE p.group_id = g.id AND p.asked_at > :since) AS prompts_7d
FROM groups AS g
WHERE :tenant IS NULL OR g.tenant_id = :tenant
ORDER BY g.name, g.id;

-- name: list_reports
SELECT r.record,
    (SELECT coalesce(sum(neighbours), 0) FROM incidents WHERE report_id = r.id) AS neighbours,
    (SELECT count(DISTINCT group_id) FROM incidents WHERE report_id = r.id) AS groups
FROM reports AS r
WHERE (:tenant IS NULL OR r.tenant_id = :tenant) AND json_extract(r.record, '$.merged_into') IS NULL
ORDER BY r.filed_at DESC, r.id DESC
LIMIT :most;

-- name: list_open_reports
SELECT r.record,
    (SELECT coalesce(sum(neighbours), 0) FROM incidents WHERE report_id = r.id) AS neighbours,
    (SELECT count(DISTINCT group_id) FROM incidents WHERE report_id = r.id) AS groups
FROM reports AS r
WHERE (:tenant IS NULL OR r.tenant_id = :tenant) AND r.status NOT IN ('closed', 'cancelled')
ORDER BY r.filed_at DESC, r.id DESC
LIMIT :most;

-- name: view_report
SELECT r.record,
    (SELECT coalesce(sum(neighbours), 0) FROM incidents WHERE report_id = r.id) AS neighbours,
    (SELECT count(DISTINCT group_id) FROM incidents WHERE report_id = r.id) AS groups
FROM reports AS r
WHERE r.id = :id AND (:tenant IS NULL OR r.tenant_id = :tenant);

-- name: list_evidence
SELECT * FROM evidence WHERE group_id = :group_id ORDER BY id;

-- name: count_groups
SELECT state AS label, count(*) AS many FROM groups GROUP BY state;

-- name: count_incidents
SELECT stage AS label, count(*) AS many FROM incidents WHERE archived = 0 GROUP BY stage;

-- name: count_reports
SELECT status AS label, count(*) AS many FROM reports GROUP BY status;

-- name: count_work
SELECT action AS label, count(*) AS many FROM work WHERE state = 'queued' GROUP BY action;

-- name: count_parked
SELECT count(*) AS many FROM work WHERE state = 'parked';

-- name: oldest_due
SELECT min(due_at) AS due_at FROM work WHERE state = 'queued' AND due_at <= :now;
