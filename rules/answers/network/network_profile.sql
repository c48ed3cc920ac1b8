-- name: network_profile
-- shows: each network, by cable or wireless, this machine was connected to (10000) and left (10001), by the name Windows gave it
-- does_not_show: where it was; what was sent through it; the name may be made up by Windows (Network 2)
-- reads: windows_evtx
-- example: events 10000 and 10001 of Microsoft-Windows-NetworkProfile
-- near_miss: event 4004, a change of the state of a network
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['Name'] AS remote
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-NetworkProfile' AND event_id IN (10000, 10001) AND event_data['Name'] IS NOT NULL
