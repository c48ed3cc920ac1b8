-- name: page_sends_input
-- direction: for
-- grade: likely
-- shows: a page or script of a web site with the traits of one that sends what visitors type to a stranger
-- does_not_show: since when; that anybody typed something
-- reads: rule_hit, host_file
-- example: a hit of a rule on web skimmers in checkout.js
-- near_miss: a hit of a rule on web shells
SELECT f.evidence_id, f.entry_id, concat('content with the traits ', min(r.rule)) AS reason,
    list_sort(list(DISTINCT concat('rule_hit ', r.evidence_id, ' ', r.entry_id, ' ', r.rule))) AS supports, f.modified_at AS happened_at
FROM rule_hit r JOIN host_file f ON f.evidence_id = r.evidence_id AND f.entry_id = r.entry_id
WHERE r.outcome = 'matched' AND regexp_matches(r.rule_file, 'skim')
GROUP BY f.evidence_id, f.entry_id, f.modified_at
