-- name: share_reached
-- shows: each access from the network to a share of this machine (Security 5140: the share, 5145: a file or folder on it), by whom and from which address
-- does_not_show: what was read or written (the access mask tells what was asked for); nothing while the audit of file shares is off; accesses from this machine itself are there too
-- reads: windows_evtx
-- example: events 5140 and 5145 of Microsoft-Windows-Security-Auditing
-- near_miss: event 5145 that was refused (keyword of an audit failure); event 5142, a share made
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat(event_data['ShareName'], '\' || nullif(ltrim(event_data['RelativeTargetName'], '\'), '')) AS remote,
    event_data['SubjectUserName'] AS account,
    nullif(event_data['IpAddress'], '-') AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id IN (5140, 5145)
    -- winmeta.xml: 0x10000000000000 is the keyword of an audit failure.
    AND coalesce(keywords, '') NOT LIKE '0x801_%'
