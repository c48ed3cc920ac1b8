-- name: window_to
-- direction: to
-- grade: possible
-- shows: what the window may be taken to end with: the last trace of each kind on each host: strange hands, a device connected
-- does_not_show: that nothing happened outside it: the traces may not reach so far; that the last trace is of the incident
-- reads: compromise, connected, case_params
-- example: a session from a public address; a device connected
-- near_miss: no such trace in the window
SELECT c.evidence_id, NULL AS entry_id, concat('the last of its kind: ', max_by(c.what, (c."at", c.what))) AS reason,
    [max_by(c.support, (c."at", c.support))], max(c."at")
FROM compromise c
WHERE c."at" IS NOT NULL
GROUP BY c.evidence_id, c.kind
UNION ALL
SELECT c.evidence_id, NULL, concat('the last connection of a device: ', max_by(coalesce(c.device_serial, c.device_key), (c.last_connected_at, c.device_key)), ': ',
        max_by(c.told, (c.last_connected_at, c.device_key))),
    [concat('connected ', c.evidence_id, ' ', max_by(c.device_key, (c.last_connected_at, c.device_key)))], max(c.last_connected_at)
FROM connected c, case_params p
WHERE c.device_key IS NOT NULL AND in_window(p.window_from, p.window_to, c.last_connected_at, c.last_connected_at)
GROUP BY c.evidence_id
