-- name: host_file
-- shows: every file, and every file in another, of what is no lost medium, with name and path in the form in which traces are compared
-- does_not_show: folders, streams
-- reads: file_entry, evidence_item
SELECT f.evidence_id, f.entry_id, e.role, f.kind, f.is_allocated, f.size_bytes, f.created_at, f.modified_at, f.container_entry_id, f.locator,
    lower(f.name) AS name_key, path_key(f.path) AS path_key
FROM file_entry f JOIN evidence_item e USING (evidence_id)
WHERE e.role IS DISTINCT FROM 'leaked_medium' AND f.kind IN ('file', 'member') AND f.name <> ''
