-- name: bytes_out
-- shows: bytes a program of a host sent within an hour, as Windows counted them
-- does_not_show: where to: within the network or outside; which file
-- reads: windows_srum_network
SELECT s.evidence_id, coalesce(s.program_path, s.hosted_service, s.program_identity) AS sender, s.interval_ended_at AS "at", s.sent_bytes,
    concat('windows_srum_network ', s.evidence_id, ' ', s.entry_id, ' ', s.locator) AS support
FROM windows_srum_network s
WHERE s.sent_bytes > 0 AND s.interval_ended_at IS NOT NULL
