-- name: chosen_beside_upload
-- route: uploaded
-- grade: possible
-- shows: a file chosen in the dialog of a program within fifteen minutes of a visit to a service for sharing files
-- does_not_show: that the dialog was the browser's, or that the file was sent
-- reads: opened_file, sharing_visit
-- example: list.csv chosen in a dialog two minutes after a page of gigafile.nu
-- near_miss: the same an hour later; a file opened in another way; a visit to another site
SELECT o.evidence_id, o.entry_id, concat('chosen in a dialog within fifteen minutes of a visit to ', min(v.host)) AS reason,
    list_sort(list_distinct(list_concat(list(o.support), list(v.support)))) AS supports
FROM opened_file o
JOIN sharing_visit v ON v.evidence_id = o.evidence_id AND v."at" BETWEEN o."at" - INTERVAL 15 MINUTE AND o."at" + INTERVAL 15 MINUTE
WHERE o.source = 'windows_dialog_mru'
GROUP BY o.evidence_id, o.entry_id
