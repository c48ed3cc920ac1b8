-- name: window_from
-- direction: from
-- grade: possible
-- shows: what the window may be taken to begin with: the first trace of each kind on each host: strange hands, a device connected
-- does_not_show: that nothing happened outside it: the traces may not reach so far; that the first trace is of the incident
-- reads: compromise, connected, case_params
-- example: a session from a public address; a device connected
-- near_miss: no such trace in the window
SELECT c.evidence_id, NULL AS entry_id, concat('the first of its kind: ', min_by(c.what, (c."at", c.what))) AS reason,
    [min_by(c.support, (c."at", c.support))], min(c."at")
FROM compromise c
WHERE c."at" IS NOT NULL
GROUP BY c.evidence_id, c.kind
UNION ALL
SELECT c.evidence_id, NULL, concat('the first connection of a device: ', min_by(coalesce(c.device_serial, c.device_key), (c.last_connected_at, c.device_key)), ': ',
        min_by(c.told, (c.last_connected_at, c.device_key))),
    [concat('connected ', c.evidence_id, ' ', min_by(c.device_key, (c.last_connected_at, c.device_key)))], min(c.last_connected_at)
FROM connected c, case_params p
WHERE c.device_key IS NOT NULL AND in_window(p.window_from, p.window_to, c.last_connected_at, c.last_connected_at)
GROUP BY c.evidence_id
