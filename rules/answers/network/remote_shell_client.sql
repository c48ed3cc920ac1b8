-- name: remote_shell_client
-- shows: each machine this one opened a WinRM session to (PowerShell remoting; WinRM/Operational 6)
-- does_not_show: that it was reached, or what was run there; nothing while the log Microsoft-Windows-WinRM/Operational is off; the account is that of this machine's user, by identifier
-- reads: windows_evtx
-- example: event 6 of Microsoft-Windows-WinRM with a connection
-- near_miss: event 91, a shell opened on this machine
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    regexp_extract(event_data['connection'], '^(?:https?://)?([^/]+)', 1) AS remote,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-WinRM' AND event_id = 6 AND event_data['connection'] IS NOT NULL
