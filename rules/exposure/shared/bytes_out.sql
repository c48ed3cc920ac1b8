-- name: bytes_out
-- shows: bytes a host sent: by one program within an hour, as Windows counted them, or to one host, as a proxy or a firewall logged it; the same bytes may stand in each `source`
-- does_not_show: of what Windows counted, where to: within the network or outside; which file; what went past proxy and firewall; lines of a firewall whose zone of time is not known
-- reads: windows_srum_network, server_proxy_access, server_firewall, host_address
SELECT s.evidence_id, 'windows_srum_network' AS source, coalesce(s.program_path, s.hosted_service, s.program_identity) AS sender, s.interval_ended_at AS "at", s.sent_bytes,
    concat('windows_srum_network ', s.evidence_id, ' ', s.entry_id, ' ', s.locator) AS support
FROM windows_srum_network s
WHERE s.sent_bytes > 0 AND s.interval_ended_at IS NOT NULL
UNION ALL
SELECT h.evidence_id, 'server_proxy_access', concat('to ', x.host), x.requested_at, x.uploaded_bytes, concat('server_proxy_access ', x.evidence_id, ' ', x.entry_id, ' ', x.locator)
FROM server_proxy_access x JOIN host_address h ON h.address = x.client_ip
WHERE x.uploaded_bytes > 0 AND x.requested_at IS NOT NULL AND NOT coalesce(x.is_denied, false)
UNION ALL
SELECT h.evidence_id, 'server_firewall', concat('to ', w.target_address), w.logged_at, w.sent_bytes, concat('server_firewall ', w.evidence_id, ' ', w.entry_id, ' ', w.locator)
FROM server_firewall w JOIN host_address h ON h.address = w.source_address
WHERE w.sent_bytes > 0 AND w.logged_at IS NOT NULL AND w.is_outbound AND w.is_allowed IS NOT false
