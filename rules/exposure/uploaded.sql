-- name: uploaded
-- route: uploaded
-- grade: likely
-- shows: a file of this host that a trace of a program for sending names: the log of rclone, a transfer by AnyDesk or TeamViewer, a command (curl, scp, rclone, PowerShell and the like), the title or address of a page of a service for sharing files
-- does_not_show: that the transfer ended; for commands typed at a prompt and logs of unknown zone, that it was in the window; which of several files of that name
-- reads: windows_rclone_log, windows_anydesk_transfer, windows_teamviewer_log, command_file, sharing_visit, host_file, case_params
-- example: a line "copied" of rclone on list.csv, and list.csv on the host
-- near_miss: a line "deleted" of rclone; a file that AnyDesk brought in; a visit to a sharing site that names no file; a command that sends it before the window
WITH told AS (
    SELECT r.evidence_id, CAST(NULL AS TIMESTAMPTZ) AS "at", path_key(r.target_path) AS path_key, false AS is_exchange, concat('rclone ', r.rclone_act, ' it') AS how,
        concat('windows_rclone_log ', r.evidence_id, ' ', r.entry_id, ' ', r.locator) AS support
    FROM windows_rclone_log r
    WHERE r.rclone_act IN ('copied', 'moved')
    UNION ALL
    -- Which way a transfer went stands there as the side that asked for it saw it: the file must have been here before.
    SELECT a.evidence_id, a.logged_at, lower(a.file_name), true, 'AnyDesk transferred a file of this name, which was here before',
        concat('windows_anydesk_transfer ', a.evidence_id, ' ', a.entry_id, ' ', a.locator)
    FROM windows_anydesk_transfer a
    UNION ALL
    SELECT t.evidence_id, NULL, path_key(t.source_path), false, 'TeamViewer sent it', concat('windows_teamviewer_log ', t.evidence_id, ' ', t.entry_id, ' ', t.locator)
    FROM windows_teamviewer_log t
    WHERE t.trace_kind IN ('file_uploaded', 'file_sent')
    UNION ALL
    SELECT v.evidence_id, v."at",
        unnest(regexp_extract_all(lower(concat_ws(' ', v.page_title, url_decode(v.url))), '[^\s\\/:*?"<>|&=#]+\.(?:xlsx?|xlsm|xlsb|csv|tsv|docx?|pptx?|pdf|txt|zip|7z|rar|lzh|accdb|mdb|db|sqlite|sql|bak|dmp|pst|msg|eml|json|xml)\b')),
        false, concat('a page of ', v.host, ' names it'), v.support
    FROM sharing_visit v
), found AS (
    SELECT f.evidence_id, f.entry_id, t.how, t.support, t."at"
    FROM told t
    JOIN host_file f ON f.evidence_id = t.evidence_id AND f.name_key = name_key(t.path_key)
    WHERE ends_with(f.path_key, concat('/', ltrim(t.path_key, '/'))) AND (NOT t.is_exchange OR f.created_at < t."at" - INTERVAL 2 MINUTE)
    UNION ALL
    SELECT c.evidence_id, c.entry_id, 'a command that sends files names it', c.support, c."at"
    FROM command_file c
    WHERE c.act = 'upload'
)
SELECT f.evidence_id, f.entry_id, array_to_string(list_sort(list(DISTINCT f.how)), '; ') AS reason, list_sort(list(DISTINCT f.support)) AS supports
FROM found f, case_params p
WHERE coalesce(in_window(p.window_from, p.window_to, f."at", f."at"), f."at" IS NULL)
GROUP BY f.evidence_id, f.entry_id
