-- name: log_full
-- shows: each time the event log says that a log is full and takes no more events (Security 1104, System 6000)
-- does_not_show: how many events were lost until somebody made room
-- reads: windows_evtx
-- example: event 1104 of Microsoft-Windows-Eventlog; event 6000 of EventLog with the name of the log
-- near_miss: event 1105, the full log was put aside and goes on
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('log is full, events are lost: ', CASE event_id WHEN 1104 THEN 'Security' ELSE coalesce(event_data['0'], 'not told') END) AS what
FROM windows_evtx
WHERE (provider = 'Microsoft-Windows-Eventlog' AND event_id = 1104) OR (provider = 'EventLog' AND event_id = 6000)
