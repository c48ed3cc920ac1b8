-- name: process_created
-- shows: each program that was started while the log of process creation was on (Security 4688), with the account it ran under
-- does_not_show: programs started while the audit was off; without the audit of command lines, with which arguments
-- reads: windows_evtx
-- example: event 4688 of Microsoft-Windows-Security-Auditing with NewProcessName
-- near_miss: event 4689, the end of a process
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['NewProcessName'] AS program_path,
    coalesce(nullif(event_data['TargetUserName'], '-'), event_data['SubjectUserName']) AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4688
