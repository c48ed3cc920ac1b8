-- name: applocker
-- shows: each program AppLocker let run (8002), or would not have let run but did (8003: it only watches), with the account by identifier
-- does_not_show: libraries, scripts and installers; programs where AppLocker is not set up; the path may begin with a name of a folder (%SYSTEM32%, %OSDRIVE%)
-- reads: windows_evtx
-- example: event 8002 of Microsoft-Windows-AppLocker with the policy EXE
-- near_miss: event 8004, a program kept from running; event 8002 about a library (DLL)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    coalesce(event_data['RuleAndFileData.FullFilePath'], event_data['RuleAndFileData.FilePath']) AS program_path,
    event_data['RuleAndFileData.TargetUser'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-AppLocker' AND event_id IN (8002, 8003) AND event_data['RuleAndFileData.PolicyName'] = 'EXE'
