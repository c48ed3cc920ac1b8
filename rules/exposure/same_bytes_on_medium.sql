-- name: same_bytes_on_medium
-- route: copied_to_device
-- grade: confirmed
-- shows: a file of this host with the same bytes as one on a lost or recovered medium: what stands in it left with the medium
-- does_not_show: which of the two was copied from the other, or when
-- reads: entry_content, evidence_item, hash_hit
-- example: list.csv on the host with the SHA-256 of a file on an item of role leaked_medium
-- near_miss: the same name with another digest; the same bytes on two hosts; content listed as known and good
SELECT h.evidence_id, h.entry_id,
    concat('the same bytes lie on the lost or recovered medium ', min(m.evidence_id)) AS reason,
    [concat('entry_content ', h.evidence_id, ' ', h.entry_id, ' ', h.sha256),
     concat('entry_content ', min(m.evidence_id), ' ', min_by(m.entry_id, m.evidence_id), ' ', h.sha256)] AS supports,
    concat('item:', min(m.evidence_id)) AS medium
FROM entry_content h
JOIN evidence_item i ON i.evidence_id = h.evidence_id AND i.role IS DISTINCT FROM 'leaked_medium'
JOIN entry_content m ON m.sha256 = h.sha256 AND m.size_bytes > 0
JOIN evidence_item l ON l.evidence_id = m.evidence_id AND l.role = 'leaked_medium'
WHERE NOT EXISTS (SELECT 1 FROM hash_hit g WHERE g.evidence_id = h.evidence_id AND g.entry_id = h.entry_id AND g.list_kind = 'good')
GROUP BY h.evidence_id, h.entry_id, h.sha256
