-- name: sysmon_file
-- shows: each deletion of a file Sysmon saw (23, which keeps a copy, and 26), with the account
-- does_not_show: files its configuration leaves out; anything where Sysmon is not installed; a file may have been overwritten and not removed
-- reads: windows_evtx
-- example: events 23 and 26 of Microsoft-Windows-Sysmon with TargetFilename
-- near_miss: event 11 of the same provider, a file made
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['TargetFilename'] AS what,
    event_data['User'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Sysmon' AND event_id IN (23, 26)
