-- name: open_near
-- Over the index of open reports; there are few of them in a place.
SELECT r.id, r.record, json_extract(r.record, '$.place.point.lat') AS lat,
    json_extract(r.record, '$.place.point.lon') AS lon, sum(i.neighbours) AS neighbours
FROM reports AS r JOIN incidents AS i ON i.report_id = r.id
WHERE r.status NOT IN ('closed', 'cancelled') AND r.filed_at >= :since AND r.tenant_id = :tenant
    AND r.category IN (SELECT value FROM json_each(:categories))
    AND json_extract(r.record, '$.place.point.lat') BETWEEN :south AND :north
    AND NOT json_extract(r.record, '$.withdrawn')
GROUP BY r.id
HAVING coalesce(sum(i.group_id = :but), 0) = 0;

-- name: sealed_of_report
SELECT s.incident_id, s.key_id, s.content FROM sealed AS s JOIN incidents AS i ON i.id = s.incident_id
WHERE i.report_id = :report
ORDER BY i.began_at, i.id;

-- name: report_of
SELECT id FROM reports WHERE tenant_id = :tenant AND desk = :desk AND reference = :reference
ORDER BY filed_at, id LIMIT 1;
