-- name: renamed_file
-- shows: on hosts where fifty files or more carry one and the same ending behind the ending of a document (list.xlsx.abcd), each of these files, and whether the case holds a copy under the old name
-- does_not_show: when; that the content is encrypted; files encrypted under their old name, or under a new name that does not show the old one
-- reads: file_entry
WITH candidate AS (
    SELECT f.evidence_id, f.entry_id, f.locator, f.size_bytes, f.path,
        regexp_extract(lower(f.name), '^(.+\.(?:xlsx?|xlsm|xlsb|csv|tsv|docx?|pptx?|pdf|txt|jpe?g|png|accdb|mdb|sqlite|db|sql|bak|pst|msg|eml|zip))\.([^.\\/ ]{2,40})$', ['old_name', 'ending']) AS part
    FROM file_entry f
    WHERE f.kind = 'file' AND f.is_allocated
), renamed AS (
    SELECT evidence_id, entry_id, locator, size_bytes, part.old_name AS old_name, part.ending AS ending
    FROM candidate
    -- Endings that a program for work puts behind another.
    WHERE part.old_name <> '' AND NOT regexp_matches(part.ending, '^(bak|old|tmp|temp|orig|lnk|part|crdownload|zip|7z|gz|xz|bz2|txt|xml|json|html?|url|log|sig|asc|md5|sha256|meta|pdf|xlsx?|docx?|csv|ori|swp|wal|shm|gpg|p7m|torrent|lock|localized|mui|config|js|css|map|ini|dll|exe)$')
), many AS (
    SELECT evidence_id, ending FROM renamed GROUP BY ALL HAVING count(*) >= 50
), kept AS (
    SELECT lower(f.name) AS old_name, f.size_bytes, min(concat('file_entry ', f.evidence_id, ' ', f.entry_id, ' ', f.locator)) AS support
    FROM file_entry f
    WHERE f.kind = 'file' AND f.is_allocated
    GROUP BY ALL
)
SELECT r.evidence_id, r.entry_id, r.ending, concat('file_entry ', r.evidence_id, ' ', r.entry_id, ' ', r.locator) AS support, min(k.support) AS kept_support
FROM renamed r
JOIN many USING (evidence_id, ending)
-- What encrypts adds its key and little more.
LEFT JOIN kept k ON k.old_name = r.old_name AND k.size_bytes BETWEEN r.size_bytes - 4096 AND r.size_bytes
GROUP BY ALL
