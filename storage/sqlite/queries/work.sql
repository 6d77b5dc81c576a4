-- name: seen_work
SELECT idem FROM work_seen WHERE idem IN (SELECT value FROM json_each(:hashes));

-- name: remember_work
INSERT INTO work_seen (idem) VALUES (:seen);

-- name: add_work
INSERT INTO work (tenant_id, action, idem, "key", lane, due_at, not_after, group_id, incident_id, args, to_key,
    to_sealed)
VALUES ((SELECT tenant_id FROM groups WHERE id = :group_id), :action, :idem, :key, :lane, :due_at, :not_after,
    :group_id, :incident_id, :args, :to_key, :to_sealed);

-- name: finish_work
DELETE FROM work WHERE id IN (SELECT value FROM json_each(:ids));

-- name: read_day_key
SELECT key_id FROM day_keys WHERE day = :day;

-- name: add_day_key
INSERT INTO day_keys (day, key_id) VALUES (:day, :key_id);

-- name: claimable
-- Of a key only the oldest row that is still queued, leased or not; a parked `report:` row stops its key.
SELECT * FROM work AS w
WHERE state = 'queued' AND owner IS NULL AND due_at <= :now
    AND ("key" = '' OR NOT EXISTS (
        SELECT 1 FROM work AS other
        WHERE other."key" = w."key" AND other."key" <> '' AND (
            (other.state = 'queued' AND other.id < w.id)
            OR (other.state = 'parked' AND other."key" GLOB 'report:*'))))
ORDER BY lane, due_at, id
LIMIT :most;

-- name: next_claimable
SELECT due_at FROM work AS w
WHERE state = 'queued' AND owner IS NULL
    AND ("key" = '' OR NOT EXISTS (
        SELECT 1 FROM work AS other
        WHERE other."key" = w."key" AND other."key" <> '' AND (
            (other.state = 'queued' AND other.id < w.id)
            OR (other.state = 'parked' AND other."key" GLOB 'report:*'))))
ORDER BY due_at
LIMIT 1;

-- name: leased
SELECT id, owner FROM work WHERE owner IS NOT NULL;

-- name: release
-- A lease that ran out was an attempt: nobody knows how far it came.
UPDATE work SET owner = NULL, attempts = attempts + 1, reason = ''
WHERE owner IS NOT NULL AND id IN (SELECT value FROM json_each(:ids));

-- name: lease
UPDATE work SET owner = :owner WHERE id IN (SELECT value FROM json_each(:ids));

-- name: retry_work
UPDATE work SET owner = NULL, attempts = attempts + 1, due_at = :at, reason = :reason
WHERE id = :id AND state = 'queued';

-- name: park_work
UPDATE work SET state = 'parked', owner = NULL, to_key = NULL, to_sealed = NULL, parked_at = :now,
    reason = :reason
WHERE id = :id AND state = 'queued';

-- name: parked_work
SELECT id, action, "key", attempts, parked_at, reason, group_id, incident_id FROM work
WHERE state = 'parked' ORDER BY parked_at, id;

-- name: unpark_work
UPDATE work SET state = 'queued', attempts = 0, due_at = :now, parked_at = NULL, reason = ''
WHERE id = :id AND state = 'parked'
RETURNING id;

-- name: drop_work
DELETE FROM work WHERE id = :id AND state = 'parked' RETURNING id;
