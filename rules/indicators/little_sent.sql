-- name: little_sent
-- direction: against
-- grade: possible
-- shows: a host of which Windows counted the bytes from before the window to behind it, where no program sent a megabyte within a day, and no log was cleared
-- does_not_show: that nothing small was sent; hours in which the count was not written: the host may have been off
-- reads: bytes_out, coverage, cleared, case_params
-- example: counts from the 13th to the 30th, at most 1000 bytes a day
-- near_miss: two megabytes on one day; counts that begin within the window; a log cleared in the window; a window without ends
WITH counted AS (
    SELECT b.evidence_id, min(b."at") AS first_at, max(b."at") AS last_at, min_by(b.support, b."at") AS first_support, max_by(b.support, b."at") AS last_support
    FROM bytes_out b
    WHERE b.source = 'windows_srum_network'
    GROUP BY b.evidence_id
), day AS (
    SELECT b.evidence_id, sum(b.sent_bytes) AS sent_bytes
    FROM bytes_out b, case_params p
    WHERE b."at" BETWEEN p.window_from AND p.window_to + INTERVAL 1 HOUR
    GROUP BY b.evidence_id, b.sender, date_trunc('day', b."at")
)
SELECT c.evidence_id, NULL AS entry_id, concat('no program sent more than ', coalesce(max(d.sent_bytes), 0), ' bytes within a day of the window') AS reason,
    [c.first_support, c.last_support] AS supports, CAST(NULL AS TIMESTAMPTZ) AS happened_at
FROM counted c LEFT JOIN day d ON d.evidence_id = c.evidence_id, case_params p
WHERE c.first_at <= p.window_from AND c.last_at >= p.window_to
  AND NOT EXISTS (SELECT 1 FROM coverage v WHERE v.evidence_id = c.evidence_id AND v.parser LIKE '%srum%' AND v.outcome IN ('failed', 'partial'))
  AND NOT EXISTS (SELECT 1 FROM cleared x WHERE x.evidence_id = c.evidence_id AND x.account IS NOT NULL AND x."at" BETWEEN p.window_from AND p.window_to)
GROUP BY c.evidence_id, c.first_support, c.last_support
HAVING coalesce(max(d.sent_bytes), 0) < 1000000
