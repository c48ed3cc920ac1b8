-- name: print_service
-- shows: each document sent to a printer (PrintService/Operational 307), by whom, on which printer and with how many pages
-- does_not_show: that paper came out; the name, where Windows is told not to record it (it then says Print Document); the path, of most programs; nothing while the log Microsoft-Windows-PrintService/Operational is off, as it normally is; a file written to another port than its own looks like paper
-- reads: windows_evtx
-- example: event 307 of Microsoft-Windows-PrintService, to a printer and into a file
-- near_miss: event 805, a job being prepared
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    -- The sixth is the port; where a printer writes files, it is the file.
    concat(event_data['DocumentPrinted.Param2'],
        CASE WHEN regexp_matches(event_data['DocumentPrinted.Param6'], '^([A-Za-z]:\\|\\\\)') THEN ' to ' || event_data['DocumentPrinted.Param6'] END) AS what,
    event_data['DocumentPrinted.Param3'] AS account,
    event_data['DocumentPrinted.Param5'] AS printer,
    try_cast(event_data['DocumentPrinted.Param8'] AS BIGINT) AS page_count
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-PrintService' AND event_id = 307
