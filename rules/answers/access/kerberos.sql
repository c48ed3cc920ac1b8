-- name: kerberos
-- shows: each ticket a domain controller gave out for a logon (4768: ticket) or for a service (4769: ticket_service), and each it refused (4768 and 4769 with a status, 4771: failed)
-- does_not_show: on which machine the session then ran; on other machines than domain controllers nothing; nothing while the audit of Kerberos authentication and of service tickets is off; a refusal may be a clock or an encryption and no wrong password (Status tells)
-- reads: windows_evtx
-- example: events 4768, 4769 and 4771 of Microsoft-Windows-Security-Auditing
-- near_miss: event 4770, a ticket renewed without anybody's doing
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['TargetUserName'] AS account,
    nullif(event_data['TargetSid'], 'S-1-0-0') AS account_sid,
    CASE WHEN event_id = 4771 OR coalesce(event_data['Status'], '0x0') <> '0x0' THEN 'failed'
         WHEN event_id = 4768 THEN 'ticket' ELSE 'ticket_service' END AS action,
    -- RFC 4291 2.5.5.2: an IPv4 address written as IPv6.
    nullif(regexp_replace(event_data['IpAddress'], '^::ffff:', ''), '-') AS from_host
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id IN (4768, 4769, 4771)
