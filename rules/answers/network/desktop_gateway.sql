-- name: desktop_gateway
-- shows: on a remote desktop gateway, the machine a client was connected to through it, who and from which address (302 at the beginning, 303 at the end)
-- does_not_show: bytes: the event counts them, but from whose view is not documented
-- reads: windows_evtx
-- example: event 302 of Microsoft-Windows-TerminalServices-Gateway
-- near_miss: event 300, the policy allowing a resource that is not connected yet
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['EventInfo.Resource'] AS remote,
    event_data['EventInfo.Username'] AS account,
    event_data['EventInfo.IpAddress'] AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-TerminalServices-Gateway' AND event_id IN (302, 303)
