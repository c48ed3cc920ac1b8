-- name: wireless
-- shows: each wireless network this machine was connected to (8001) and left (8003), by its name (SSID)
-- does_not_show: where it was: networks share names; what was sent through it
-- reads: windows_evtx
-- example: events 8001 and 8003 of Microsoft-Windows-WLAN-AutoConfig
-- near_miss: event 8002, a connection that failed
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['SSID'] AS remote
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-WLAN-AutoConfig' AND event_id IN (8001, 8003) AND event_data['SSID'] IS NOT NULL
