-- name: journal_made_again
-- shows: each change journal of an NTFS volume that is not the volume's first: its numbers do not begin at 0, or it was made more than a day after the volume; its time is when it was made, so that an earlier one was deleted by then
-- does_not_show: by whom or why: `fsutil usn deletejournal` does it, as do tools that clone or repair volumes; when the earlier journal was deleted; that a volume made long before it had a journal had one before
-- reads: windows_usn_journal_state, file_entry
-- example: a journal whose lowest number is not 0; a journal made months after its volume
-- near_miss: the first journal of a volume, made with it
SELECT s.case_id, s.evidence_id, s.entry_id, s.locator, s.parser, s.parser_version, s.status,
    journal_created_at AS "at",
    concat('change journal made anew', CASE WHEN lowest_usn > 0 THEN concat(', its numbers begin at ', lowest_usn) END,
        CASE WHEN root.created_at < journal_created_at - INTERVAL 1 DAY
            THEN concat(', the volume is of ', strftime(root.created_at, '%Y-%m-%dT%H:%M:%SZ')) END) AS what
FROM windows_usn_journal_state AS s
    LEFT JOIN file_entry AS own ON own.evidence_id = s.evidence_id AND own.entry_id = s.entry_id
    -- MFT entry 5 is the root folder.
    LEFT JOIN file_entry AS root ON root.evidence_id = own.evidence_id AND root.volume_id = own.volume_id
        AND root.path = '/' AND root.file_reference = 5
WHERE lowest_usn > 0 OR root.created_at < journal_created_at - INTERVAL 1 DAY
