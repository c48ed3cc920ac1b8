-- name: share_connection
-- shows: servers and shares this machine had a connection to when it broke or came back (SmbClient/Connectivity 30804 to 30808), or that refused its logon (SmbClient/Security 31001)
-- does_not_show: connections without a disturbance: these logs tell failures; when the connection was made; bytes
-- reads: windows_evtx
-- example: event 30807 of Microsoft-Windows-SMBClient with the name of a share; event 31001
-- near_miss: event 30803, a connection that was never made
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('\\', ltrim(event_data['ServerName'], '\')) AS remote,
    event_data['UserName'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-SMBClient' AND event_id IN (30804, 30805, 30806, 30807, 30808, 31001)
    AND event_data['ServerName'] IS NOT NULL
