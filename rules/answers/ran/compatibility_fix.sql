-- name: compatibility_fix
-- shows: each program that was started with a compatibility fix of Windows (Application-Experience/Program-Telemetry 500 and 505), by the account of the event, an identifier
-- does_not_show: programs that need no fix, which are most
-- reads: windows_evtx
-- example: event 500 of Microsoft-Windows-Application-Experience with ExePath
-- near_miss: an event of the same provider that names no program
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['CompatibilityFixEvent.ExePath'] AS program_path,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Application-Experience' AND event_id IN (500, 505) AND event_data['CompatibilityFixEvent.ExePath'] IS NOT NULL
