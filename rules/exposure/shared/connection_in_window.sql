-- name: connection_in_window
-- shows: devices connected on a host at some moment of the window, as far as the ends of their intervals are known
-- does_not_show: what was done with them
-- reads: connected, case_params
SELECT c.evidence_id, c.device_key, min(concat('device ', coalesce(c.device_serial, c.device_key), ': ', c.told)) AS support
FROM connected c, case_params p
WHERE c.device_key IS NOT NULL AND c.last_connected_at IS NOT NULL
  AND (p.window_from IS NULL OR coalesce(c.last_removed_at, c.last_connected_at) >= p.window_from)
  AND (p.window_to IS NULL OR coalesce(c.first_connected_at, c.last_connected_at) <= p.window_to)
GROUP BY c.evidence_id, c.device_key
