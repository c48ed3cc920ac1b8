-- name: audit_lost
-- shows: each time the event log says that it lost events of the audit before it could write them (1101)
-- does_not_show: how many, or which; a machine switched off hard loses some too
-- reads: windows_evtx
-- example: event 1101 of Microsoft-Windows-Eventlog
-- near_miss: event 1100, the event log shut down with the machine
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('events of the audit were lost, reason ', coalesce(event_data['AuditEventsDropped.Reason'], 'not given')) AS what
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Eventlog' AND event_id = 1101
