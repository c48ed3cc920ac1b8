-- name: insider_concealed
-- direction: for
-- grade: likely
-- shows: such a taking, and on the same host in the window the clearing of a log or of traces by an account
-- does_not_show: that the two belong together
-- reads: exposure, compromise, cleared, case_params
-- example: list.csv copied to a device, and the system log cleared by hanako
-- near_miss: the log cleared before the window; a gap in a log that no account made
WITH taken AS (
    SELECT x.evidence_id, count(DISTINCT x.entry_id) AS file_count, list_sort(list(DISTINCT concat('exposure ', x.evidence_id, ' ', x.entry_id, ' ', x.rule)))[:50] AS supports
    FROM exposure x
    WHERE x.route IN ('copied_to_device', 'burned', 'uploaded') AND x.grade IN ('confirmed', 'likely')
      AND NOT EXISTS (SELECT 1 FROM compromise c WHERE c.evidence_id = x.evidence_id)
    GROUP BY x.evidence_id
)
SELECT t.evidence_id, NULL AS entry_id, concat(t.file_count, ' files taken, and cleared by ', min(c.account), ': ', min(c.what)) AS reason,
    list_concat(min(t.supports), list_sort(list(DISTINCT concat('cleared ', c.evidence_id, ' ', c.entry_id, ' ', c.locator)))[:50]) AS supports, min(c."at") AS happened_at
FROM taken t JOIN cleared c ON c.evidence_id = t.evidence_id, case_params p
WHERE c.account IS NOT NULL AND in_window(p.window_from, p.window_to, c."at", c.latest_at)
GROUP BY t.evidence_id, t.file_count
