-- name: page_sends_input
-- direction: for
-- grade: likely
-- shows: a page or script of a web site with the traits of one that sends what visitors type to a stranger
-- does_not_show: since when; that anybody typed something
-- reads: altered_page
-- example: a hit of a rule on web skimmers in checkout.js
-- near_miss: a hit of a rule on web shells
SELECT a.evidence_id, a.entry_id, concat('content with the traits ', a.trait) AS reason, a.supports, a.modified_at AS happened_at
FROM altered_page a
