-- name: remote_desktop_denied
-- shows: each account with right credentials that was kept out of remote desktop because it has no right to it (Security 4825)
-- does_not_show: refusals for a wrong password (4625); nothing while the audit of other logon events is off
-- reads: windows_evtx
-- example: event 4825 of Microsoft-Windows-Security-Auditing
-- near_miss: event 4826, how the machine was booted
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['AccountName'] AS account,
    'failed' AS action,
    event_data['ClientAddress'] AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4825
