-- name: privileged_logon
-- shows: each logon to which Windows gave privileges of an administrator (Security 4672), beside the logon itself
-- does_not_show: that a privilege was used; from where (4624 with the same logon identifier tells it); nothing while the audit of special logons is off; the accounts of Windows itself are left out, which always have them
-- reads: windows_evtx
-- example: event 4672 of Microsoft-Windows-Security-Auditing of a user's account
-- near_miss: event 4672 of SYSTEM; event 4673, a privileged service called
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['SubjectUserName'] AS account,
    event_data['SubjectUserSid'] AS account_sid,
    'privileged' AS action
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4672
    -- [MS-DTYP] 2.4.2.4: LocalSystem, LocalService, NetworkService.
    AND coalesce(event_data['SubjectUserSid'], '') NOT IN ('S-1-5-18', 'S-1-5-19', 'S-1-5-20')
