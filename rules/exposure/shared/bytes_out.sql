-- name: bytes_out
-- shows: bytes a host sent: by one program within an hour, as Windows counted them, or to one host in one request, as a proxy logged it
-- does_not_show: of what Windows counted, where to: within the network or outside; which file; what went past the proxy
-- reads: windows_srum_network, server_proxy_access, host_address
SELECT s.evidence_id, coalesce(s.program_path, s.hosted_service, s.program_identity) AS sender, s.interval_ended_at AS "at", s.sent_bytes,
    concat('windows_srum_network ', s.evidence_id, ' ', s.entry_id, ' ', s.locator) AS support
FROM windows_srum_network s
WHERE s.sent_bytes > 0 AND s.interval_ended_at IS NOT NULL
UNION ALL
SELECT h.evidence_id, concat('to ', x.host), x.requested_at, x.uploaded_bytes, concat('server_proxy_access ', x.evidence_id, ' ', x.entry_id, ' ', x.locator)
FROM server_proxy_access x JOIN host_address h ON h.address = x.client_ip
WHERE x.uploaded_bytes > 0 AND x.requested_at IS NOT NULL AND NOT coalesce(x.is_denied, false)
