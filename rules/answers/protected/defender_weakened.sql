-- name: defender_weakened
-- shows: each time protection by Microsoft Defender was switched off (5001 in real time, 5010 scanning for unwanted software, 5012 scanning for viruses) or a setting of it changed (5007: old, then new value)
-- does_not_show: who did it: the event is the service's own; that the change weakened anything (5007); that another protection took over, which also switches it off
-- reads: windows_evtx
-- example: events 5001 and 5007 of Microsoft-Windows-Windows Defender
-- near_miss: event 5000, protection in real time switched on
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    CASE event_id
        WHEN 5001 THEN 'protection in real time was switched off'
        WHEN 5010 THEN 'scanning for unwanted software was switched off'
        WHEN 5012 THEN 'scanning for viruses was switched off'
        ELSE concat('setting changed: ', coalesce(event_data['Old Value'], 'none'), ' -> ', coalesce(event_data['New Value'], 'none'))
    END AS what
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Windows Defender' AND event_id IN (5001, 5007, 5010, 5012)
