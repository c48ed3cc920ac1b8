-- name: burned
-- route: burned
-- grade: likely
-- shows: a file of this host with the same name and size as one opened on an optical disc in the window, or that lay ready to be burned (folder Burn of a profile)
-- does_not_show: that the disc was burned here, or where it is; files burned by other programs than Windows without being opened, but for images ImgBurn wrote (burned_image)
-- reads: host_file, windows_lnk, windows_automatic_destinations, case_params
-- example: a shortcut to D:\list.csv on a volume of an optical drive, and list.csv of the same size; list.csv in Microsoft\Windows\Burn\Burn
-- near_miss: the same on a fixed disk; another size; a file of that name ready to be burned before the window
WITH disc AS (
    SELECT l.evidence_id, name_key(l.target_path) AS name_key, l.target_bytes AS size_bytes, l.target_accessed_at AS "at",
        'opened on an optical disc' AS how, concat('windows_lnk ', l.evidence_id, ' ', l.entry_id) AS support
    FROM windows_lnk l
    WHERE l.drive_type = 'cdrom'
    UNION ALL
    SELECT j.evidence_id, name_key(j.opened_path), j.target_bytes, j.last_used_at, 'opened on an optical disc',
        concat('windows_automatic_destinations ', j.evidence_id, ' ', j.entry_id, ' ', j.locator)
    FROM windows_automatic_destinations j
    WHERE j.drive_type = 'cdrom'
    UNION ALL
    SELECT b.evidence_id, b.name_key, b.size_bytes, b.created_at, 'made ready to be burned', concat('file_entry ', b.evidence_id, ' ', b.entry_id, ' ', b.locator)
    FROM host_file b
    WHERE regexp_matches(b.path_key, '/appdata/local/microsoft/windows/burn/[^/]+/')
)
SELECT f.evidence_id, f.entry_id, concat('a file of this name and size was ', min(d.how)) AS reason, list_sort(list(DISTINCT d.support)) AS supports,
    'disc' AS medium
FROM disc d
JOIN host_file f ON f.evidence_id = d.evidence_id AND f.name_key = d.name_key AND f.size_bytes = d.size_bytes, case_params p
WHERE coalesce(in_window(p.window_from, p.window_to, d."at", d."at"), true)
GROUP BY f.evidence_id, f.entry_id
