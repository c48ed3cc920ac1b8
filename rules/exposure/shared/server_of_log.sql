-- name: server_of_log
-- shows: the server a log is of: the item it lies in where that is a server, else the only server of the case
-- does_not_show: anything where the case has several servers and the log is an item of its own
-- reads: evidence_item
SELECT i.evidence_id AS log_id, CASE WHEN i.role = 'server' THEN i.evidence_id ELSE o.evidence_id END AS evidence_id
FROM evidence_item i
LEFT JOIN (SELECT min(evidence_id) AS evidence_id FROM evidence_item WHERE role = 'server' HAVING count(*) = 1) o ON true
WHERE i.role = 'server' OR o.evidence_id IS NOT NULL
