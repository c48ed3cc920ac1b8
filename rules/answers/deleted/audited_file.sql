-- name: audited_file
-- shows: each file deleted under the audit of objects: Security 4660 with the name from the last 4663 before it that asked for deletion through the same handle of the same process
-- does_not_show: files whose folder has no audit set, or while the audit of the file system is off; deletions whose 4663 the log no longer holds; handles are used again, so the name is an inference within the same process
-- reads: windows_evtx
-- example: event 4660 of Microsoft-Windows-Security-Auditing after a 4663 with the access DELETE and the same HandleId and ProcessId
-- near_miss: event 4663 alone; 4660 behind a 4663 of another process; behind one that only read
WITH handles AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, evidence_id AS item, entry_id AS log, event_id, written_at,
        event_data['HandleId'] AS handle, event_data['ProcessId'] AS process,
        event_data['ObjectName'] AS what, event_data['SubjectUserName'] AS account,
        event_data['ObjectType'] AS object_type, event_data['AccessList'] AS accesses
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id IN (4660, 4663)
), asked AS (
    -- %%1537 is DELETE.
    SELECT item AS asked_item, log AS asked_log, handle AS asked_handle, process AS asked_process, written_at AS asked_at, what AS asked_what
    FROM handles WHERE event_id = 4663 AND object_type = 'File' AND contains(accesses, '%%1537')
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    asked_what AS what,
    account
FROM (SELECT * EXCLUDE (what) FROM handles WHERE event_id = 4660)
ASOF JOIN asked ON asked_item = item AND asked_log = log AND asked_handle = handle AND asked_process = process AND asked_at <= written_at
