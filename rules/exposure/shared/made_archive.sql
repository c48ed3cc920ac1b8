-- name: made_archive
-- shows: archives made on a host in the window
-- does_not_show: archives since deleted without a trace in the file system; by whom; archives under a name of another kind
-- reads: host_file, case_params
SELECT f.evidence_id, f.entry_id, f.name_key, f.size_bytes, f.created_at AS made_at, concat('file_entry ', f.evidence_id, ' ', f.entry_id, ' ', f.locator) AS support
FROM host_file f, case_params p
WHERE f.kind = 'file' AND f.created_at IS NOT NULL
  AND regexp_matches(f.name_key, '\.(zip|7z|rar|tar|tgz|tbz2?|gz|bz2|xz|zst|cab|lzh|zipx|part\d+|r\d\d|z\d\d|\d{3})$')
  AND in_window(p.window_from, p.window_to, f.created_at, f.created_at)
