-- name: background_transfer
-- shows: each host the transfer service of Windows (BITS) exchanged a file with (59 at the beginning, 60 at the end), and who made the job with which program, where its making is in the log
-- does_not_show: whether the file came or went where it had no time of its own on the server (bytes are then left out); transfers of Windows and of browsers for their own updates are most of them
-- reads: windows_evtx
-- example: events 59 and 60 of Microsoft-Windows-Bits-Client with a url, and event 3 of the same job
-- near_miss: event 61, a transfer that failed; event 3 alone
WITH jobs AS (
    -- Who made a job stands in another event of the same log.
    SELECT evidence_id AS item, entry_id AS log, event_data['jobId'] AS job,
        min(event_data['jobOwner']) AS account, min(event_data['processPath']) AS program_path
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Bits-Client' AND event_id = 3 AND event_data['jobId'] IS NOT NULL
    GROUP BY ALL
)
SELECT t.case_id, t.evidence_id, t.entry_id, t.locator, t.parser, t.parser_version, t.status,
    t.written_at AS "at",
    regexp_extract(t.event_data['url'], '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]+)', 1) AS remote,
    -- The time of the file on the server is known of a file that comes; without it the year is 1601.
    CASE WHEN t.event_id = 60 AND t.event_data['fileTime'] NOT LIKE '1601-%'
         THEN try_cast(t.event_data['bytesTransferred'] AS BIGINT) END AS received_bytes,
    j.program_path,
    j.account
FROM windows_evtx t
LEFT JOIN jobs j ON j.item IS NOT DISTINCT FROM t.evidence_id AND j.log IS NOT DISTINCT FROM t.entry_id AND j.job = t.event_data['Id']
WHERE t.provider = 'Microsoft-Windows-Bits-Client' AND t.event_id IN (59, 60) AND t.event_data['url'] IS NOT NULL
