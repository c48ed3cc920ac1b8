-- name: mark_written
-- shows: each file that was marked as coming from another zone (its stream Zone.Identifier was written; Sysmon 15), with the address where the mark names it
-- does_not_show: files whose program writes no mark; the address on versions of Sysmon whose event does not hold the stream; that it came from the internet: unpacking and copying write marks too; anything where Sysmon is not installed
-- reads: windows_evtx
-- example: event 15 of Microsoft-Windows-Sysmon about a stream Zone.Identifier
-- near_miss: event 15 about another stream
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    nullif(regexp_extract(event_data['Contents'], 'HostUrl=(\S+)', 1), '') AS url,
    regexp_replace(event_data['TargetFilename'], '(?i):Zone\.Identifier$', '') AS what
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Sysmon' AND event_id = 15 AND event_data['TargetFilename'] ILIKE '%:Zone.Identifier'
