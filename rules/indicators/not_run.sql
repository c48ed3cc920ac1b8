-- name: not_run
-- direction: against
-- grade: possible
-- shows: malware that lies on a host, on which traces of programs that ran reach back before it came, and none is of its name
-- does_not_show: that it did not run: under another name, as a script, in memory; that traces were not removed
-- reads: compromise, host_file, ran
-- example: m.exe that came on the 20th, and programs that ran since the 1st
-- near_miss: the same with m.exe in the prefetch; a host that keeps no traces from before it came
WITH kept AS (
    SELECT evidence_id, min("at") AS first_at, min_by(concat('ran ', evidence_id, ' ', entry_id, ' ', locator), "at") AS support FROM ran WHERE "at" IS NOT NULL GROUP BY evidence_id
)
SELECT c.evidence_id, c.entry_id, concat(f.name_key, ' (', min(c.what), ') is not among the programs that ran') AS reason, list_append(list_sort(list(DISTINCT c.support)), k.support) AS supports, f.created_at AS happened_at
FROM compromise c
JOIN host_file f ON f.evidence_id = c.evidence_id AND f.entry_id = c.entry_id
JOIN kept k ON k.evidence_id = c.evidence_id AND k.first_at < f.created_at
WHERE c.kind = 'malware' AND NOT EXISTS (SELECT 1 FROM ran r WHERE r.evidence_id = f.evidence_id AND name_key(r.program_path) = f.name_key)
GROUP BY c.evidence_id, c.entry_id, f.name_key, f.created_at, k.support
