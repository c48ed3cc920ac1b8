-- name: bad_host
-- direction: for
-- grade: likely
-- shows: traffic in the window with a host named as one that intruders command from
-- does_not_show: what went over it; that the host was theirs then
-- reads: network, visited, case_params
-- example: a connection to c2.example, which is named as bad
-- near_miss: a connection to notc2.example; the same before the window; a connection that was blocked
WITH reached AS (
    SELECT n.evidence_id, n."at", n.latest_at, lower(n.remote) AS host, concat('network ', n.evidence_id, ' ', n.entry_id, ' ', n.locator) AS support FROM network n
    UNION ALL
    SELECT v.evidence_id, v."at", v.latest_at, lower(regexp_extract(v.url, '^[A-Za-z]+://(?:[^/@]*@)?([^/:?#]+)', 1)), concat('visited ', v.evidence_id, ' ', v.entry_id, ' ', v.locator) FROM visited v
), bad AS (
    SELECT unnest(list_transform(bad_hosts, lambda one: lower(one))) AS bad, window_from, window_to FROM case_params
)
SELECT r.evidence_id, NULL AS entry_id, concat('reached ', b.bad, ', which is named as bad') AS reason, list_sort(list(DISTINCT r.support))[:50] AS supports, min(r."at") AS happened_at
FROM reached r JOIN bad b ON r.host = b.bad OR ends_with(r.host, concat('.', b.bad))
WHERE coalesce(in_window(b.window_from, b.window_to, r."at", r.latest_at), r."at" IS NULL)
GROUP BY r.evidence_id, b.bad
