-- name: remote_shell
-- shows: each shell opened on this machine over WinRM (PowerShell remoting; WinRM/Operational 91), with the account and the address where the event names them
-- does_not_show: what was run in it; who, on versions of Windows whose event names nobody; nothing while the log Microsoft-Windows-WinRM/Operational is off
-- reads: windows_evtx
-- example: event 91 of Microsoft-Windows-WinRM whose resource names an account and clientIP
-- near_miss: event 6, a session opened from this machine to another
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    nullif(regexp_extract(event_data['resourceUri'], '\((.+) clientIP: ', 1), '') AS account,
    'connect' AS action,
    nullif(regexp_extract(event_data['resourceUri'], ' clientIP: ([^ )]+)\)', 1), '') AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-WinRM' AND event_id = 91
