-- name: connection_allowed
-- shows: each connection the filter of Windows let through (Security 5156): the other host and the program; from_host where the other side began it
-- does_not_show: bytes; the account; nothing while the audit of filtering platform connections is off, as it normally is; connections within the machine and to groups are there too
-- reads: windows_evtx
-- example: event 5156 of Microsoft-Windows-Security-Auditing, outbound and inbound
-- near_miss: event 5158, a port opened; event 5157, a connection blocked
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    -- In either direction SourceAddress is this machine's and DestAddress the other's (seen on real logs, and in Microsoft's text).
    event_data['DestAddress'] AS remote,
    event_data['Application'] AS program_path,
    -- %%14592 is inbound, %%14593 outbound.
    CASE event_data['Direction'] WHEN '%%14592' THEN event_data['DestAddress'] END AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 5156
