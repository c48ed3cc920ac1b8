-- name: copy_kept
-- direction: against
-- grade: likely
-- shows: files renamed together with many others of which the case holds a copy under the old name: their content is not lost
-- does_not_show: that the copy is the last state; that the data were not taken as well
-- reads: renamed_file
-- example: list1.csv.abcd and fifty more, and a backup of each
-- near_miss: the same without a backup
SELECT r.evidence_id, NULL AS entry_id, concat('of ', count(*), ' files renamed to .', r.ending, ' a copy under the old name is kept for ', count(r.kept_support)) AS reason,
    list_sort(list(DISTINCT r.kept_support) FILTER (r.kept_support IS NOT NULL))[:50] AS supports, CAST(NULL AS TIMESTAMPTZ) AS happened_at
FROM renamed_file r
GROUP BY r.evidence_id, r.ending
HAVING count(r.kept_support) > 0
