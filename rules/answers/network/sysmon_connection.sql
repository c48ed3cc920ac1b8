-- name: sysmon_connection
-- shows: each connection Sysmon saw (event 3): the other host, the program, its account; from_host where the other side began it
-- does_not_show: bytes; connections its configuration leaves out; anything where Sysmon is not installed
-- reads: windows_evtx
-- example: event 3 of Microsoft-Windows-Sysmon, begun here and begun by the other side
-- near_miss: event 1 of the same provider, a program started
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    CASE event_data['Initiated'] WHEN 'false' THEN event_data['SourceIp'] ELSE event_data['DestinationIp'] END AS remote,
    event_data['Image'] AS program_path,
    event_data['User'] AS account,
    CASE event_data['Initiated'] WHEN 'false' THEN event_data['SourceIp'] END AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Sysmon' AND event_id = 3
