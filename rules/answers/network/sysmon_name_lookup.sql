-- name: sysmon_name_lookup
-- shows: each name a program asked for and got an address (Sysmon 22)
-- does_not_show: that the host was reached: only its name was looked up; names its configuration leaves out; anything where Sysmon is not installed
-- reads: windows_evtx
-- example: event 22 of Microsoft-Windows-Sysmon with QueryStatus 0
-- near_miss: event 22 about a name that does not exist (9003)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['QueryName'] AS remote,
    event_data['Image'] AS program_path,
    event_data['User'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Sysmon' AND event_id = 22 AND event_data['QueryStatus'] = '0'
