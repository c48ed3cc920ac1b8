-- name: opened_in_remote_session
-- route: opened_by_intruder
-- grade: possible
-- shows: a file opened while a session by a tool of remote control (AnyDesk, TeamViewer), or by its account while its remote desktop from an address inside, lasted
-- does_not_show: that the session was not allowed: support staff and administrators come in this way
-- reads: opened_file, outside_session
-- example: list.csv opened while an incoming AnyDesk session lasted
-- near_miss: opened the day before; by another account than that of the remote desktop
SELECT o.evidence_id, o.entry_id, concat('opened while a remote session from ', coalesce(min(s.from_host), 'an unknown host'), ' lasted') AS reason,
    list_sort(list_distinct(list_concat(list(o.support), list(s.support)))) AS supports
FROM opened_file o
JOIN outside_session s ON s.evidence_id = o.evidence_id AND o.latest_at >= s.begun_at AND o."at" <= s.until_at
WHERE s.kind = 'tool' OR (s.kind = 'desktop' AND (o.account = s.account OR starts_with(o.account, concat(s.account, '.'))))
GROUP BY o.evidence_id, o.entry_id
