-- name: insider_takeout
-- direction: for
-- grade: possible
-- shows: documents copied to a device, burned or uploaded from a host of which nothing says that strange hands were on it: somebody of the house may have taken them
-- does_not_show: that it was not their work
-- reads: exposure, compromise
-- example: list.csv copied to a device, and no session from outside
-- near_miss: the same with a session from a public address; a document printed only
SELECT x.evidence_id, NULL AS entry_id, concat(count(DISTINCT x.entry_id), ' files on the routes ', array_to_string(list_sort(list(DISTINCT x.route)), ', ')) AS reason,
    list_sort(list(DISTINCT concat('exposure ', x.evidence_id, ' ', x.entry_id, ' ', x.rule)))[:50] AS supports, CAST(NULL AS TIMESTAMPTZ) AS happened_at
FROM exposure x
WHERE x.route IN ('copied_to_device', 'burned', 'uploaded') AND x.grade IN ('confirmed', 'likely')
  AND NOT EXISTS (SELECT 1 FROM compromise c WHERE c.evidence_id = x.evidence_id)
GROUP BY x.evidence_id
