-- name: applocker_blocked
-- shows: each program or library (8004), script or installer (8007) that AppLocker kept from running, with the account by identifier
-- does_not_show: anything where AppLocker is not set up or only watches (8003, 8006)
-- reads: windows_evtx
-- example: event 8004 of Microsoft-Windows-AppLocker
-- near_miss: event 8003, which did run
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    coalesce(event_data['RuleAndFileData.FullFilePath'], event_data['RuleAndFileData.FilePath']) AS what,
    event_data['RuleAndFileData.TargetUser'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-AppLocker' AND event_id IN (8004, 8007)
    AND coalesce(event_data['RuleAndFileData.FullFilePath'], event_data['RuleAndFileData.FilePath']) IS NOT NULL
