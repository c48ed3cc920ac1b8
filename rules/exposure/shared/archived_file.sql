-- name: archived_file
-- shows: what is in an archive made in the window: the archive, its members, files of the host of the same name and size as a member, and files that the command named which packed it
-- does_not_show: members of an archive whose list of names is encrypted; that a file of the same name and size has the same bytes
-- reads: made_archive, host_file, command_file
WITH RECURSIVE member AS (
    SELECT a.evidence_id, f.entry_id, a.entry_id AS archive_entry_id, f.name_key, f.size_bytes, f.locator, 1 AS depth
    FROM made_archive a JOIN host_file f ON f.evidence_id = a.evidence_id AND f.container_entry_id = a.entry_id
    UNION ALL
    SELECT m.evidence_id, f.entry_id, m.archive_entry_id, f.name_key, f.size_bytes, f.locator, m.depth + 1
    FROM member m JOIN host_file f ON f.evidence_id = m.evidence_id AND f.container_entry_id = m.entry_id
    WHERE m.depth < 8
), held AS (
    SELECT evidence_id, entry_id, entry_id AS archive_entry_id, 'the archive itself' AS how, support FROM made_archive
    UNION ALL
    SELECT evidence_id, entry_id, archive_entry_id, 'in the archive', concat('file_entry ', evidence_id, ' ', entry_id, ' ', locator) FROM member
    UNION ALL
    SELECT f.evidence_id, f.entry_id, m.archive_entry_id, 'of the same name and size as a file in the archive',
        concat('file_entry ', m.evidence_id, ' ', m.entry_id, ' ', m.locator)
    FROM member m JOIN host_file f ON f.evidence_id = m.evidence_id AND f.name_key = m.name_key AND f.size_bytes = m.size_bytes AND f.kind = 'file'
    WHERE m.depth = 1 AND m.size_bytes > 0
    UNION ALL
    -- One command names the archive and the file.
    SELECT f.evidence_id, f.entry_id, a.entry_id, 'named by the command that packed the archive', f.support
    FROM command_file f
    JOIN command_file c ON c.evidence_id = f.evidence_id AND c.support = f.support AND c.entry_id <> f.entry_id
    JOIN made_archive a ON a.evidence_id = c.evidence_id AND a.entry_id = c.entry_id
    WHERE f.act = 'archive'
)
SELECT h.evidence_id, h.entry_id, h.archive_entry_id, a.name_key AS archive_name, a.size_bytes AS archive_bytes, a.made_at, h.how,
    a.support AS archive_support, h.support
FROM held h JOIN made_archive a ON a.evidence_id = h.evidence_id AND a.entry_id = h.archive_entry_id
