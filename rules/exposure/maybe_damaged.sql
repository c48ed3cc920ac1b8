-- name: maybe_damaged
-- route: damaged
-- grade: possible
-- shows: a file renamed together with many others where no ransom note is known, and a document that could not be read on a host that holds a ransom note
-- does_not_show: that anybody meant harm: a program may give such endings, a document may be damaged in other ways; copies outside the case
-- reads: renamed_file, rule_hit, problem, document
-- example: fifty files list1.csv.locked and more, without a note; a workbook damaged on a host with a note
-- near_miss: a workbook damaged on a host without a note; a file of which a copy under its old name is kept
WITH note AS (
    SELECT evidence_id, min(concat('rule_hit ', evidence_id, ' ', entry_id, ' ', rule)) AS support
    FROM rule_hit
    WHERE outcome = 'matched' AND starts_with(rule_file, 'ransom_notes')
    GROUP BY evidence_id
)
SELECT r.evidence_id, r.entry_id, concat('renamed to .', r.ending, ' with many others; no copy in the case') AS reason, [r.support] AS supports
FROM renamed_file r
WHERE r.kept_support IS NULL AND NOT EXISTS (SELECT 1 FROM note n WHERE n.evidence_id = r.evidence_id)
UNION ALL
SELECT p.evidence_id, p.entry_id, 'cannot be read, on a host that holds a ransom note',
    list_append(list_sort(list(DISTINCT concat('problem ', p.evidence_id, ' ', p.entry_id, ' ', p.locator))), min(n.support))
FROM problem p
JOIN document d ON d.evidence_id = p.evidence_id AND d.entry_id = p.entry_id
JOIN note n ON n.evidence_id = p.evidence_id
WHERE p.kind IN ('unreadable', 'unrecognised', 'damaged', 'truncated')
GROUP BY p.evidence_id, p.entry_id
