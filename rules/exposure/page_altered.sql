-- name: page_altered
-- route: page_altered
-- grade: likely
-- shows: a page or script of a web site whose content has the traits of one that sends what visitors type to a stranger; which fields of a form it names; when it was last changed; how often it was fetched from outside in the window
-- does_not_show: what was typed, or by whom: these persons stand in no file of the page, and their number comes from the orders or inputs of the time it stood there; that it stood there before its last change, or that it did not; that an order was placed with each fetch
-- reads: altered_page, web_request
-- example: a hit of a rule on web skimmers in checkout.js that names card number and security code, and is fetched from 203.0.113.7
-- near_miss: a hit of a rule on web shells; a scan that could not end; a page a browser kept on a host that is no server
WITH fetched AS (
    SELECT a.evidence_id, a.entry_id, count(*) AS requests, count(DISTINCT r.client) AS clients, min(r.requested_at) AS first_at, max(r.requested_at) AS last_at,
        list_sort(list(DISTINCT r.support))[:20] AS supports
    FROM altered_page a
    JOIN web_request r ON r.evidence_id = a.evidence_id AND length(ltrim(r.path, '/')) > 0 AND ends_with(a.path_key, concat('/', ltrim(r.path, '/')))
    GROUP BY a.evidence_id, a.entry_id
)
SELECT a.evidence_id, a.entry_id,
    concat('content with the traits ', a.trait,
        CASE WHEN len(a.items) > 0 THEN concat('; it names the fields ', array_to_string(a.items, ', ')) ELSE '; it names no field, any may have been taken' END,
        '; last changed ' || strftime(a.modified_at, '%Y-%m-%dT%H:%M:%SZ'),
        '; fetched ' || f.requests || ' times by ' || f.clients || ' addresses outside, ' || strftime(f.first_at, '%Y-%m-%dT%H:%M:%SZ') || ' to '
            || strftime(f.last_at, '%Y-%m-%dT%H:%M:%SZ')) AS reason,
    list_concat(a.supports, coalesce(f.supports, [])) AS supports
FROM altered_page a
LEFT JOIN fetched f USING (evidence_id, entry_id)
