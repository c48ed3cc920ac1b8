-- name: opened_file
-- shows: files of a host that a trace on it says were opened: by path, or by name where the trace has no more; with the account, or the profile the trace lies in
-- does_not_show: what was opened on removable volumes; that the file had the content then that it has now
-- reads: opened, file_entry, host_file, removable_volume
WITH trace AS (
    SELECT o.evidence_id, o."at", o.latest_at, o.source, path_key(o.what) AS path_key, name_key(o.what) AS name_key,
        coalesce(account_key(o.account), nullif(regexp_extract(lower(t.path), '/users/([^/]+)/', 1), '')) AS account,
        concat('opened ', o.evidence_id, ' ', o.entry_id, ' ', o.locator) AS support
    FROM opened o LEFT JOIN file_entry t ON t.evidence_id = o.evidence_id AND t.entry_id = o.entry_id
    WHERE o.what IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM removable_volume r WHERE r.volume_serial = o.volume_serial)
)
SELECT f.evidence_id, f.entry_id, t."at", t.latest_at, t.source, t.account, t.support
FROM trace t
JOIN host_file f ON f.evidence_id = t.evidence_id AND f.name_key = t.name_key
WHERE f.path_key = t.path_key OR NOT contains(t.path_key, '/')
