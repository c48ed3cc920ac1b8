-- name: read_from_share_inside
-- route: read_from_share
-- grade: possible
-- shows: a file on a share of this host that was opened in the window with the right to read, from an address inside, by an account that had a session from a public address at the time on some host of the case
-- does_not_show: that its bytes were read; anything while the audit of file shares (5145) is off; files on shares whose folder is not known
-- reads: share_read, outside_session
-- example: event 5145 on list.csv by hanako from 192.168.1.5 while hanako had a session from 203.0.113.7 on a host
-- near_miss: the same by another account; after the session
SELECT r.evidence_id, r.entry_id, concat('read over a share by ', min(r.account), ' from ', min(r.from_host)) AS reason,
    list_sort(list(DISTINCT r.support)) AS supports
FROM share_read r
WHERE NOT is_public(r.from_host)
  AND EXISTS (SELECT 1 FROM outside_session s WHERE s.kind = 'public' AND s.account = r.account AND r."at" BETWEEN s.begun_at AND s.until_at)
GROUP BY r.evidence_id, r.entry_id
