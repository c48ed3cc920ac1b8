-- name: defender_blocked
-- shows: what Microsoft Defender kept a program from doing: a rule that reduces the attack surface (1121), a folder under control (1123, 1127) or an address (1126)
-- does_not_show: that it was harmful; what these rules would have blocked while they only watch (1122, 1124, 1125, 1128)
-- reads: windows_evtx
-- example: events 1121, 1123 and 1126 of Microsoft-Windows-Windows Defender
-- near_miss: event 1122, the same only watched
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat_ws(': ', event_data['Process Name'], coalesce(event_data['Path'], event_data['Destination'])) AS what,
    event_data['User'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Windows Defender' AND event_id IN (1121, 1123, 1126, 1127)
    AND coalesce(event_data['Path'], event_data['Destination'], event_data['Process Name']) IS NOT NULL
