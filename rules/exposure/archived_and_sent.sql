-- name: archived_and_sent
-- route: archived_and_sent
-- grade: likely
-- shows: what is in an archive made in the window, of which one program sent at least the size within a day of its making
-- does_not_show: that the archive is what was sent; where to
-- reads: archived_file, bytes_out
-- example: out.zip of 5 MB made on the host, and 6 MB sent by one program an hour later
-- near_miss: 4 MB sent; 6 MB sent before it was made, or by several programs; 6 MB sent two days later
WITH sent AS (
    SELECT a.evidence_id, a.archive_entry_id, b.sender, sum(b.sent_bytes) AS sent_bytes, min_by(b.support, (-b.sent_bytes, b.support)) AS support
    FROM (SELECT DISTINCT evidence_id, archive_entry_id, archive_bytes, made_at FROM archived_file WHERE archive_bytes > 0) a
    JOIN bytes_out b ON b.evidence_id = a.evidence_id AND b."at" > a.made_at AND b."at" <= a.made_at + INTERVAL 1 DAY
    GROUP BY a.evidence_id, a.archive_entry_id, a.archive_bytes, b.sender
    HAVING sum(b.sent_bytes) >= a.archive_bytes
)
SELECT a.evidence_id, a.entry_id,
    concat(min(a.how), ' (', min(a.archive_name), ', ', min(a.archive_bytes), ' bytes); ', max_by(s.sender, (s.sent_bytes, s.sender)), ' sent ', max(s.sent_bytes), ' bytes within a day') AS reason,
    list_sort(list_distinct(list_concat(list(a.archive_support), list(a.support), list(s.support)))) AS supports
FROM archived_file a
JOIN sent s ON s.evidence_id = a.evidence_id AND s.archive_entry_id = a.archive_entry_id
GROUP BY a.evidence_id, a.entry_id
