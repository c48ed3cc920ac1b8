-- name: synced_to_cloud
-- route: uploaded
-- grade: likely
-- shows: a file of this host with the name and size, or the SHA-1, of one that OneDrive keeps in the cloud for a private account, or that is shared with others
-- does_not_show: since when, or who opened it there; files in the cloud of the client's own organisation that are not shared
-- reads: windows_one_drive_file, host_file, entry_content
-- example: list.csv in the database of the account Personal with the same size, and list.csv on the host
-- near_miss: the same in the account Business1, not shared; another size
SELECT f.evidence_id, f.entry_id,
    concat('kept in the cloud by OneDrive, account ', min(o.sync_account), CASE WHEN bool_or(o.is_shared_item) THEN ', shared with others' END) AS reason,
    list_sort(list(DISTINCT concat('windows_one_drive_file ', o.evidence_id, ' ', o.entry_id, ' ', o.locator))) AS supports
FROM windows_one_drive_file o
JOIN host_file f ON f.evidence_id = o.evidence_id AND f.name_key = lower(o.file_name)
LEFT JOIN entry_content c ON c.evidence_id = f.evidence_id AND c.entry_id = f.entry_id
WHERE (o.sync_account NOT LIKE 'Business%' OR o.is_shared_item)
  AND CASE WHEN o.sha1 IS NOT NULL AND c.sha1 IS NOT NULL THEN lower(o.sha1) = c.sha1 ELSE o.size_bytes = f.size_bytes END
GROUP BY f.evidence_id, f.entry_id
