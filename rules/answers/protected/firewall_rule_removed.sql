-- name: firewall_rule_removed
-- shows: each rule taken out of the Windows firewall (2006), by which account (an identifier) and program
-- does_not_show: that the rule was active or blocked anything; rules added or changed (2004, 2005)
-- reads: windows_evtx
-- example: event 2006 of Microsoft-Windows-Windows Firewall With Advanced Security
-- near_miss: event 2004, a rule added
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('firewall rule removed: ', event_data['RuleName'], ', by ' || event_data['ModifyingApplication']) AS what,
    event_data['ModifyingUser'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Windows Firewall With Advanced Security' AND event_id = 2006 AND event_data['RuleName'] IS NOT NULL
