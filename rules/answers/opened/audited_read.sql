-- name: audited_read
-- shows: each file a program read, and each folder it listed, under the audit of objects (Security 4663 with ReadData)
-- does_not_show: files whose folder has no audit set, or while the audit of the file system is off; that a person opened it (search and protection software read too); a folder and a file look the same
-- reads: windows_evtx
-- example: event 4663 of Microsoft-Windows-Security-Auditing on a file with the access ReadData (%%4416)
-- near_miss: event 4663 that only wrote; on a key of the registry
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['ObjectName'] AS what,
    event_data['SubjectUserName'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4663 AND event_data['ObjectType'] = 'File'
    AND contains(event_data['AccessList'], '%%4416') AND event_data['ObjectName'] IS NOT NULL
