-- name: code_integrity_blocked
-- shows: each file that Windows refused to load because of its code integrity policy or its signature (WDAC and HVCI: CodeIntegrity 3033, 3077), and which process asked for it
-- does_not_show: what would have been blocked if the policy were enforced (3034, 3076 are audits alone); that the file ran in another way
-- reads: windows_evtx
-- example: event 3077 of Microsoft-Windows-CodeIntegrity
-- near_miss: event 3076, the same under a policy that only watches
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat(coalesce(event_data['File Name'], event_data['FileNameBuffer']), ', loaded by ' || coalesce(event_data['Process Name'], event_data['ProcessNameBuffer'])) AS what,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-CodeIntegrity' AND event_id IN (3033, 3077)
    AND coalesce(event_data['File Name'], event_data['FileNameBuffer']) IS NOT NULL
