-- name: ssh
-- shows: each logon over SSH to this machine, each refused one, and each end of a user's connection, as sshd wrote it (OpenSSH/Operational 4)
-- does_not_show: what was done; sessions while the server logged to a file (SyslogFacility LOCAL0) and not to the event log; how long, where the end was not written
-- reads: windows_evtx
-- example: event 4 of OpenSSH: Accepted password for ..., Failed password for ..., Disconnected from user ...
-- near_miss: event 4 of sshd about a key or a port; event 4 of sftp-server
WITH lines AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at,
        -- OpenSSH auth.c auth_log and packet.c: the text stands in the program, it is not translated.
        regexp_extract(event_data['payload'],
            '^(Accepted|Failed) \S+ for (?:invalid user )?(.*) from (\S+) port \d+', ['word', 'account', 'host']) AS tried,
        regexp_extract(event_data['payload'], '^Disconnected from user (.*) (\S+) port \d+', ['account', 'host']) AS ended
    FROM windows_evtx
    WHERE provider = 'OpenSSH' AND event_id = 4 AND event_data['process'] = 'sshd'
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    coalesce(nullif(tried.account, ''), ended.account) AS account,
    CASE tried.word WHEN 'Accepted' THEN 'logon' WHEN 'Failed' THEN 'failed' ELSE 'logoff' END AS action,
    coalesce(nullif(tried.host, ''), ended.host) AS from_host
FROM lines
WHERE tried.word <> '' OR ended.host <> ''
