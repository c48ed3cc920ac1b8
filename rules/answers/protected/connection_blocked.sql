-- name: connection_blocked
-- shows: each packet (Security 5152) and connection (5157) the filter of Windows blocked: direction, both ends and the program
-- does_not_show: the account; that it mattered: scans of the network are most of them; nothing while the audit of the filtering platform is off, as it normally is; which end is this machine's, for packets
-- reads: windows_evtx
-- example: event 5157 of Microsoft-Windows-Security-Auditing
-- near_miss: event 5156, a connection let through
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat(CASE event_data['Direction'] WHEN '%%14592' THEN 'inbound' WHEN '%%14593' THEN 'outbound' ELSE event_data['Direction'] END,
        ' ', CASE event_id WHEN 5152 THEN 'packet' ELSE 'connection' END, ', protocol ', event_data['Protocol'],
        ', ', event_data['SourceAddress'], ' port ', event_data['SourcePort'],
        ' and ', event_data['DestAddress'], ' port ', event_data['DestPort'],
        ', ' || nullif(event_data['Application'], '-')) AS what
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id IN (5152, 5157)
