-- name: remote_desktop_client
-- shows: each machine this one began a remote desktop connection to (RDPClient/Operational 1024: the name asked for, 1102: the address reached)
-- does_not_show: for 1024, that it was reached; that the logon succeeded; bytes; the account is that of this machine's user, by identifier
-- reads: windows_evtx
-- example: events 1024 and 1102 of Microsoft-Windows-TerminalServices-ClientActiveXCore
-- near_miss: event 1026, the end of a connection; event 1102 of Microsoft-Windows-Eventlog, a log cleared
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['Value'] AS remote,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-TerminalServices-ClientActiveXCore' AND event_id IN (1024, 1102)
