-- name: indexed_and_gone
-- shows: files and folders of drive C: that the index of Windows Search on an NTFS volume still names and the volume no longer has at that path
-- does_not_show: that they were deleted rather than moved or renamed, when or by whom; anything where files were collected one by one, since what was not collected is not gone; other drives; a Windows that does not lie on C:; what a shadow copy had
-- reads: windows_search_item, file_entry, volume
-- example: an indexed workbook that the volume does not have
-- near_miss: an indexed file that is there; an index that was collected without its volume
WITH volumes AS (
    -- MFT entry 5 is the root folder: such a volume was walked whole.
    SELECT DISTINCT i.evidence_id, i.entry_id, own.volume_id
    FROM windows_search_item AS i
        JOIN file_entry AS own ON own.evidence_id = i.evidence_id AND own.entry_id = i.entry_id
        JOIN file_entry AS root ON root.evidence_id = own.evidence_id AND root.volume_id = own.volume_id
            AND root.path = '/' AND root.file_reference = 5
        JOIN volume AS v ON v.evidence_id = own.evidence_id AND v.volume_id = own.volume_id AND v.file_system = 'ntfs' AND v.snapshot_number IS NULL
    WHERE own.path ILIKE '/ProgramData/Microsoft/Search/%'
), there AS (
    SELECT evidence_id, volume_id, lower(path) AS path
    FROM file_entry
    WHERE is_allocated AND volume_id IN (SELECT volume_id FROM volumes)
)
SELECT i.case_id, i.evidence_id, i.entry_id, i.locator, i.parser, i.parser_version, i.status,
    NULL AS "at",
    coalesce(i.indexed_path, i.item_url) AS what,
    NULL AS account
FROM windows_search_item AS i
    JOIN volumes AS v ON v.evidence_id = i.evidence_id AND v.entry_id = i.entry_id
-- By the address: the path is kept as shown, with `Users` in the language of the machine.
WHERE i.item_url ILIKE 'file:C:/_%'
    AND NOT EXISTS (SELECT 1 FROM there AS t WHERE t.evidence_id = v.evidence_id AND t.volume_id = v.volume_id
        AND t.path = lower(rtrim(substr(i.item_url, 8), '/')))
