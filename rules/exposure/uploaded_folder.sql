-- name: uploaded_folder
-- route: uploaded
-- grade: possible
-- shows: a file below a folder that a command which sends files names as a whole, or that WinSCP or FileZilla keep as the folder on this side
-- does_not_show: that this file was sent; when, of what the programs keep; files that came into the folder later
-- reads: tool_command, windows_winscp_ini, windows_filezilla, host_file, case_params
-- example: rclone copy C:\Users\hanako\list remote:x, and a file below that folder
-- near_miss: a file beside that folder; a whole drive, or all profiles; the same command before the window
WITH word AS (
    SELECT c.evidence_id, c."at", c.support, trim(unnest(regexp_extract_all(c.line, '"[^"]+"|''[^'']+''|[^\s"'']+')), '"''`,;()') AS word
    FROM tool_command c
    WHERE c.act = 'upload'
), folder AS (
    SELECT evidence_id, "at", support, word FROM word
    UNION ALL
    SELECT w.evidence_id, NULL, concat('windows_winscp_ini ', w.evidence_id, ' ', w.entry_id, ' ', w.locator), w.local_directory FROM windows_winscp_ini w
    UNION ALL
    SELECT z.evidence_id, NULL, concat('windows_filezilla ', z.evidence_id, ' ', z.entry_id, ' ', z.locator), z.local_directory FROM windows_filezilla z
), named AS (
    SELECT d.evidence_id, rtrim(path_key(d.word), '/') AS path_key, min(d.support) AS support
    FROM folder d, case_params p
    WHERE regexp_matches(d.word, '^[A-Za-z]:[\\/]') AND coalesce(in_window(p.window_from, p.window_to, d."at", d."at"), d."at" IS NULL)
    GROUP BY ALL
    -- A folder of folders of everybody tells nothing of a file.
    HAVING regexp_matches(rtrim(path_key(d.word), '/'), '^/[^/]+/[^/]') AND NOT regexp_matches(rtrim(path_key(d.word), '/'), '^/users/[^/]+$')
)
SELECT f.evidence_id, f.entry_id, concat('below the folder ', min(n.path_key), ', which a program for sending names') AS reason, list_sort(list(DISTINCT n.support)) AS supports
FROM named n
JOIN host_file f ON f.evidence_id = n.evidence_id AND f.kind = 'file'
    -- Everything between `folder/` and `folder0`, the sign behind the slash.
    AND f.path_key > concat(n.path_key, '/') AND f.path_key < concat(n.path_key, '0')
GROUP BY f.evidence_id, f.entry_id
