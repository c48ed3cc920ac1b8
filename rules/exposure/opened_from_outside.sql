-- name: opened_from_outside
-- route: opened_by_intruder
-- grade: likely
-- shows: a file opened in the window by an account named as the intruder's, or by an account while its session from a public address lasted
-- does_not_show: that the intruder sat there: a worker at home comes from a public address too; that the content was taken
-- reads: opened_file, outside_session, case_params
-- example: list.csv opened by hanako ten minutes after hanako logged on from 203.0.113.7
-- near_miss: opened by another account; after the session had ended; in a session from an address inside
SELECT o.evidence_id, o.entry_id,
    concat('opened by ', o.account, coalesce(' while a session from ' || min(s.from_host) || ' lasted', ', an account named as the intruder''s')) AS reason,
    list_sort(list_distinct(list_concat(list(o.support), coalesce(list(s.support) FILTER (s.support IS NOT NULL), [])))) AS supports
FROM opened_file o
LEFT JOIN outside_session s ON s.evidence_id = o.evidence_id AND s.kind = 'public' AND (o.account = s.account OR starts_with(o.account, concat(s.account, '.')))
    AND o.latest_at >= s.begun_at AND o."at" <= s.until_at, case_params p
WHERE s.evidence_id IS NOT NULL
   OR (list_contains(list_transform(p.intruder_accounts, lambda one: account_key(one)), o.account) AND in_window(p.window_from, p.window_to, o."at", o.latest_at))
GROUP BY o.evidence_id, o.entry_id, o.account
