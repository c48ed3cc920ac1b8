-- name: within_reach
-- route: within_reach
-- grade: possible
-- shows: a document on a host of which something says that it was in strange hands in the window
-- does_not_show: that anybody looked at it: no trace of the document itself; whether the account in strange hands had the right to read it
-- reads: document, evidence_item, compromise
-- example: list.csv on a host with a session from a public address in the window
-- near_miss: the same on another host; a session from an address inside; malware that was blocked; a hit of level medium
WITH why AS (
    SELECT evidence_id, count(*) AS trace_count, min_by(what, ("at" IS NULL, "at", what)) AS what, list_sort(list(DISTINCT support))[:5] AS supports
    FROM compromise
    GROUP BY evidence_id
)
SELECT d.evidence_id, d.entry_id, concat('within reach: ', w.what, CASE WHEN w.trace_count > 1 THEN concat(', and ', w.trace_count - 1, ' more traces') END) AS reason, w.supports
FROM document d
JOIN evidence_item e ON e.evidence_id = d.evidence_id AND e.role IN ('host', 'server', 'phone')
JOIN why w ON w.evidence_id = d.evidence_id
