-- name: defender_found
-- shows: each thing Microsoft Defender found (1006, 1015, 1116) and dealt with (1007, 1117) or could not (1008, 1118, 1119): where it stood and the name of the threat; one row an event
-- does_not_show: that it was harmful or had run; what other protection software found; nothing while Defender is off
-- reads: windows_evtx
-- example: events 1006 and 1116 of Microsoft-Windows-Windows Defender
-- near_miss: event 1000, a scan begun; event 1150, Defender well
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat_ws(': ', coalesce(event_data['Path'], event_data['Path Found']), event_data['Threat Name']) AS what,
    coalesce(event_data['Detection User'], nullif(concat_ws('\', event_data['Domain'], event_data['User']), '')) AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Windows Defender' AND event_id IN (1006, 1007, 1008, 1015, 1116, 1117, 1118, 1119)
    AND event_data['Threat Name'] IS NOT NULL
