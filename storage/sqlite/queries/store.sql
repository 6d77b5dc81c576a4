-- name: find_groups
SELECT room, id FROM groups
WHERE account = :account AND room IN (SELECT value FROM json_each(:rooms));

-- name: versions
-- Traffic comes with the versions, because counting messages does not bump them.
SELECT g.id, g.version, coalesce(sum(t.messages), 0) AS messages, coalesce(sum(t.bot_posts), 0) AS bot_posts
FROM groups AS g
LEFT JOIN traffic AS t ON t.group_id = g.id AND t.day > date(:today, '-' || g.share_days || ' days')
WHERE g.id IN (SELECT value FROM json_each(:ids))
GROUP BY g.id;

-- name: load_groups
SELECT id, version, record, (
    SELECT json_group_object(person, many)
    FROM (SELECT person, count(*) AS many FROM examples WHERE group_id = groups.id GROUP BY person)
) AS examples
FROM groups WHERE id IN (SELECT value FROM json_each(:ids));

-- name: load_members
SELECT * FROM members WHERE group_id IN (SELECT value FROM json_each(:ids));

-- name: load_incidents
SELECT group_id, record FROM incidents
WHERE archived = 0 AND group_id IN (SELECT value FROM json_each(:ids))
ORDER BY group_id, began_at, id;

-- name: load_reports
SELECT id, record FROM reports WHERE id IN (SELECT value FROM json_each(:ids));

-- name: load_consents
SELECT * FROM consents WHERE incident_id IN (SELECT value FROM json_each(:ids)) ORDER BY rowid;

-- name: load_sealed
SELECT incident_id, key_id, content FROM sealed WHERE incident_id IN (SELECT value FROM json_each(:ids));

-- name: load_prompts
SELECT * FROM prompts
WHERE group_id IN (SELECT value FROM json_each(:ids)) AND asked_at > :since
ORDER BY asked_at, incident_id;

-- name: list_examples
SELECT id, key_id, content FROM examples WHERE :tenant IS NULL OR tenant_id = :tenant;

-- name: read_cursor
SELECT cursor FROM cursors WHERE kind = :kind AND name = :name;

-- name: read_deliveries
SELECT hash FROM deliveries WHERE at > :since AND hash IN (SELECT value FROM json_each(:hashes));

-- name: concerned
SELECT DISTINCT r.reference, i.group_id
FROM reports AS r JOIN incidents AS i ON i.report_id = r.id
WHERE r.desk = :desk AND r.reference IN (SELECT value FROM json_each(:refs)) AND i.archived = 0
ORDER BY r.reference, i.group_id;

-- name: current_versions
SELECT id, version FROM groups WHERE id IN (SELECT value FROM json_each(:ids));

-- name: save_group
INSERT INTO groups (id, tenant_id, account, room, name, state, share_days, version, record)
VALUES (:id, :tenant_id, :account, :room, :name, :state, :share_days, -1, :record)
ON CONFLICT (id) DO UPDATE SET
    tenant_id = excluded.tenant_id, account = excluded.account, room = excluded.room, name = excluded.name,
    state = excluded.state, share_days = excluded.share_days, record = excluded.record;

-- name: save_member
INSERT INTO members (group_id, "key", role, opted_out, present, no_learning)
VALUES (:group_id, :key, :role, :opted_out, :present, :no_learning)
ON CONFLICT (group_id, "key") DO UPDATE SET
    role = excluded.role, opted_out = excluded.opted_out, present = excluded.present,
    no_learning = excluded.no_learning;

-- name: save_incident
INSERT INTO incidents (id, tenant_id, group_id, stage, category, began_at, changed_at, deadline, report_id,
    neighbours, record)
VALUES (:id, :tenant_id, :group_id, :stage, :category, :began_at, :changed_at, :deadline, :report_id,
    :neighbours, :record)
ON CONFLICT (id) DO UPDATE SET
    stage = excluded.stage, category = excluded.category, changed_at = excluded.changed_at,
    deadline = excluded.deadline, report_id = excluded.report_id, neighbours = excluded.neighbours,
    record = excluded.record;

-- name: save_report
INSERT INTO reports (id, tenant_id, desk, reference, category, status, filed_at, changed_at, record)
VALUES (:id, :tenant_id, :desk, :reference, :category, :status, :filed_at, :changed_at, :record)
ON CONFLICT (id) DO UPDATE SET
    desk = excluded.desk, reference = excluded.reference, category = excluded.category,
    status = excluded.status, changed_at = excluded.changed_at, record = excluded.record;

-- name: add_consent
INSERT INTO consents (id, tenant_id, group_id, incident_id, subject, given_by, given_at, policy, neutral,
    commitment, text_version, confirmed_by)
VALUES (:id, :tenant_id, :group_id, :incident_id, :subject, :given_by, :given_at, :policy, :neutral,
    :commitment, :text_version, :confirmed_by);

-- name: add_evidence
INSERT INTO evidence (tenant_id, group_id, incident_id, person, at, act, text_version)
VALUES (:tenant_id, :group_id, :incident_id, :person, :at, :act, :text_version);

-- name: add_contribution
INSERT INTO contributions (id, tenant_id, incident_id, person, kind, at, consent_id)
VALUES (:id, :tenant_id, :incident_id, :person, :kind, :at, :consent_id);

-- name: save_prompt
INSERT INTO prompts (incident_id, group_id, asked_at, author, answer, answered_at)
VALUES (:incident_id, :group_id, :asked_at, :author, :answer, :answered_at)
ON CONFLICT (incident_id) DO UPDATE SET
    asked_at = excluded.asked_at, author = excluded.author, answer = excluded.answer,
    answered_at = excluded.answered_at;

-- name: count_traffic
INSERT INTO traffic (group_id, day, messages, bot_posts)
VALUES (:group_id, :day, :messages, :bot_posts)
ON CONFLICT (group_id, day) DO UPDATE SET
    messages = messages + excluded.messages, bot_posts = bot_posts + excluded.bot_posts;

-- name: keys_of_sealed
SELECT incident_id, key_id FROM sealed WHERE incident_id IN (SELECT value FROM json_each(:ids));

-- name: save_sealed
INSERT INTO sealed (incident_id, key_id, content) VALUES (:incident_id, :key_id, :content)
ON CONFLICT (incident_id) DO UPDATE SET key_id = excluded.key_id, content = excluded.content;

-- name: erase_sealed
DELETE FROM sealed WHERE incident_id IN (SELECT value FROM json_each(:ids)) RETURNING key_id;

-- name: save_example
INSERT INTO examples (id, tenant_id, group_id, person, kept_at, until, key_id, content)
VALUES (:id, :tenant_id, :group_id, :person, :kept_at, :until, :key_id, :content);

-- name: erase_examples
DELETE FROM examples
WHERE group_id = :group_id AND person = :person AND (:incident_id IS NULL OR id = :incident_id)
RETURNING key_id;

-- name: groups_of_incidents
SELECT DISTINCT group_id FROM incidents WHERE id IN (SELECT value FROM json_each(:ids));

-- name: groups_of_reports
SELECT DISTINCT group_id FROM incidents
WHERE report_id IN (SELECT value FROM json_each(:ids)) AND archived = 0;

-- name: bump_versions
UPDATE groups SET version = version + 1 WHERE id IN (SELECT value FROM json_each(:ids));

-- name: save_cursor
INSERT INTO cursors (kind, name, cursor, at) VALUES (:kind, :name, :cursor, :at)
ON CONFLICT (kind, name) DO UPDATE SET cursor = excluded.cursor, at = excluded.at;

-- name: add_delivery
INSERT INTO deliveries (hash, at) VALUES (:hash, :at) ON CONFLICT (hash) DO NOTHING;
