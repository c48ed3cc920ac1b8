-- name: desktop_gateway
-- shows: on a remote desktop gateway, who was connected through it and from which address (302: connect, 303: disconnect)
-- does_not_show: what was done behind the gateway; the network rule of the same name tells to which machine
-- reads: windows_evtx
-- example: events 302 and 303 of Microsoft-Windows-TerminalServices-Gateway
-- near_miss: event 200, the policy allowing a client that is not connected yet
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['EventInfo.Username'] AS account,
    CASE event_id WHEN 302 THEN 'connect' ELSE 'disconnect' END AS action,
    event_data['EventInfo.IpAddress'] AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-TerminalServices-Gateway' AND event_id IN (302, 303)
