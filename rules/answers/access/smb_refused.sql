-- name: smb_refused
-- shows: each client whose authentication to the shares of this machine was refused (SMBServer/Security 551)
-- does_not_show: the account, where the client gave none; that anybody typed a password (programs try by themselves)
-- reads: windows_evtx
-- example: event 551 of Microsoft-Windows-SMBServer
-- near_miss: event 1010 of the same provider, the settings of the server
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['EventData.UserName'] AS account,
    'failed' AS action,
    ltrim(event_data['EventData.ClientName'], '\') AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-SMBServer' AND event_id = 551
