-- name: sysmon_process
-- shows: each program Sysmon saw start (event 1), with the account it ran under
-- does_not_show: programs its configuration leaves out; anything where Sysmon is not installed
-- reads: windows_evtx
-- example: event 1 of Microsoft-Windows-Sysmon
-- near_miss: event 5, the end of a program; event 1 of another provider
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['Image'] AS program_path,
    event_data['User'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Sysmon' AND event_id = 1
