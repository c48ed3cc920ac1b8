-- name: damaged
-- route: damaged
-- grade: likely
-- shows: a file renamed together with many others on a host that holds a ransom note, of which the case holds no copy under the old name: its content is lost to the client
-- does_not_show: that the content is encrypted, or cannot be had back; copies outside the case (backups); that it was taken as well; whom it was about: its content cannot be read
-- reads: renamed_file, rule_hit
-- example: fifty files list1.csv.locked and more, and a note that the rules on ransom notes know
-- near_miss: the same without a note; ten such files; a file of which a copy under its old name is kept
WITH note AS (
    SELECT evidence_id, min(concat('rule_hit ', evidence_id, ' ', entry_id, ' ', rule)) AS support
    FROM rule_hit
    WHERE outcome = 'matched' AND starts_with(rule_file, 'ransom_notes')
    GROUP BY evidence_id
)
SELECT r.evidence_id, r.entry_id, concat('renamed to .', r.ending, ' with many others, beside a ransom note; no copy in the case') AS reason, [r.support, n.support] AS supports
FROM renamed_file r JOIN note n USING (evidence_id)
WHERE r.kept_support IS NULL
