-- name: leaked_medium
-- route: leaked_medium
-- grade: confirmed
-- shows: everything that lies on a lost or recovered medium left with it, and what had been on it by its deleted entries
-- does_not_show: that anybody opened it
-- reads: file_entry, evidence_item
-- example: a file on an item of role leaked_medium
-- near_miss: the same file on an item of role host
SELECT
    f.evidence_id,
    f.entry_id,
    CASE WHEN f.is_allocated THEN 'on the lost or recovered medium' ELSE 'had been on the lost or recovered medium, deleted there' END AS reason,
    [concat('file_entry ', f.evidence_id, ' ', f.entry_id, ' ', f.locator)] AS supports
FROM file_entry f
JOIN evidence_item e USING (evidence_id)
WHERE e.role = 'leaked_medium' AND f.kind IN ('file', 'stream', 'member')
