-- name: erase_ended
DELETE FROM sealed WHERE incident_id IN (
    SELECT id FROM incidents
    WHERE archived = 0 AND stage IN (SELECT value FROM json_each(:over)) AND report_id IS NULL
        AND (deadline IS NULL OR deadline <= :now))
RETURNING incident_id, key_id;

-- name: archive_ended
UPDATE incidents SET archived = 1, deadline = NULL, record = '{}'
WHERE archived = 0 AND stage IN (SELECT value FROM json_each(:over)) AND report_id IS NULL
    AND changed_at <= :before
RETURNING id;

-- name: archive_finished
UPDATE incidents SET archived = 1, deadline = NULL, record = '{}'
WHERE archived = 0 AND stage IN (SELECT value FROM json_each(:over)) AND report_id IS NOT NULL
    AND changed_at <= :before
RETURNING id;

-- name: delete_contributions
DELETE FROM contributions WHERE incident_id IN (SELECT value FROM json_each(:incidents));

-- name: reports_past_their_term
-- Those of these incidents that no other live incident is about.
SELECT id, record FROM reports
WHERE id IN (SELECT report_id FROM incidents WHERE id IN (SELECT value FROM json_each(:incidents)))
    AND NOT EXISTS (SELECT 1 FROM incidents WHERE report_id = reports.id AND archived = 0);

-- name: wipe_authors
UPDATE prompts SET author = NULL WHERE author IS NOT NULL AND asked_at <= :before RETURNING group_id;

-- name: delete_prompts
DELETE FROM prompts WHERE asked_at <= :before RETURNING group_id;

-- name: delete_examples
DELETE FROM examples WHERE until <= :now OR kept_at <= :before RETURNING group_id, key_id;

-- name: delete_deliveries
DELETE FROM deliveries WHERE at <= :before RETURNING 1;

-- name: delete_traffic
DELETE FROM traffic WHERE day < :before RETURNING 1;

-- name: delete_sessions
DELETE FROM sessions WHERE expires_at <= :now RETURNING 1;

-- name: delete_day_keys
DELETE FROM day_keys
WHERE day < :today AND NOT EXISTS (SELECT 1 FROM work WHERE work.to_key = day_keys.key_id);

-- name: keys_in_use
SELECT key_id FROM sealed UNION SELECT key_id FROM day_keys UNION SELECT key_id FROM examples;

-- name: sealed_with_keys
SELECT incident_id, key_id FROM sealed;

-- name: checkpoint
PRAGMA wal_checkpoint(TRUNCATE);

-- name: purge_sealed
DELETE FROM sealed WHERE incident_id IN (SELECT id FROM incidents WHERE group_id = :group_id)
RETURNING key_id;

-- name: purge_examples
DELETE FROM examples WHERE group_id = :group_id RETURNING key_id;

-- name: purge_work
DELETE FROM work WHERE group_id = :group_id;

-- name: purge_reports
DELETE FROM reports
WHERE id IN (SELECT report_id FROM incidents WHERE group_id = :group_id)
    AND NOT EXISTS (SELECT 1 FROM incidents WHERE report_id = reports.id AND group_id <> :group_id);

-- name: purge_group
DELETE FROM groups WHERE id = :group_id RETURNING id;
