-- name: archived_and_maybe_sent
-- route: archived_and_sent
-- grade: possible
-- shows: what is in an archive made in the window, within a session from outside, or before the host sent at least its size in the rest of the window, by all programs together
-- does_not_show: that the archive was sent; where to; hosts whose bytes nobody counted
-- reads: archived_file, bytes_out, outside_session, case_params
-- example: out.zip made while a session from a public address lasted; 6 MB sent within a week of the making of out.zip of 5 MB
-- near_miss: an archive made while nobody was there, and less sent than its size
WITH made AS (
    SELECT DISTINCT evidence_id, archive_entry_id, archive_bytes, made_at FROM archived_file
), why AS (
    SELECT m.evidence_id, m.archive_entry_id, concat('made while a session from ', min(s.from_host), ' lasted') AS how, min(s.support) AS support
    FROM made m JOIN outside_session s ON s.evidence_id = m.evidence_id AND m.made_at BETWEEN s.begun_at AND s.until_at
    GROUP BY ALL
    UNION ALL
    SELECT m.evidence_id, m.archive_entry_id, concat('the host sent ', sum(b.sent_bytes), ' bytes in the rest of the window'), min(b.support)
    FROM made m JOIN bytes_out b ON b.evidence_id = m.evidence_id AND b."at" > m.made_at, case_params p
    WHERE m.archive_bytes > 0 AND (p.window_to IS NULL OR b."at" <= p.window_to + INTERVAL 1 HOUR)
    GROUP BY m.evidence_id, m.archive_entry_id, m.archive_bytes, b.source
    HAVING sum(b.sent_bytes) >= m.archive_bytes
)
SELECT a.evidence_id, a.entry_id, concat(min(a.how), ' (', min(a.archive_name), '); ', min(w.how)) AS reason,
    list_sort(list_distinct(list_concat(list(a.archive_support), list(a.support), list(w.support)))) AS supports
FROM archived_file a
JOIN why w ON w.evidence_id = a.evidence_id AND w.archive_entry_id = a.archive_entry_id
GROUP BY a.evidence_id, a.entry_id
