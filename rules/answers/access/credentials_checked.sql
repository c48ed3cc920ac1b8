-- name: credentials_checked
-- shows: each check of a name and password by NTLM on the machine that knows the account: a domain controller for its domain, any machine for its own accounts (4776: validate, or failed)
-- does_not_show: which machine was to be entered; nothing while the audit of credential validation is off; the workstation is what the other side called itself
-- reads: windows_evtx
-- example: event 4776 of Microsoft-Windows-Security-Auditing with Status 0x0, and with another
-- near_miss: event 4774, an account mapped for a logon
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['TargetUserName'] AS account,
    CASE WHEN event_data['Status'] = '0x0' THEN 'validate' ELSE 'failed' END AS action,
    event_data['Workstation'] AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4776
