-- name: read_from_share
-- route: read_from_share
-- grade: likely
-- shows: a file on a share of this host that was opened in the window with the right to read, from a public address
-- does_not_show: that its bytes were read; anything while the audit of file shares (5145) is off; files on shares whose folder is not known
-- reads: share_read
-- example: event 5145 on list.csv of a share, with the right to read, from 203.0.113.7
-- near_miss: the same from 192.168.1.5; without the right to read; refused; before the window
SELECT r.evidence_id, r.entry_id, concat('read over a share by ', min(r.account), ' from ', min(r.from_host)) AS reason,
    list_sort(list(DISTINCT r.support)) AS supports
FROM share_read r
WHERE is_public(r.from_host)
GROUP BY r.evidence_id, r.entry_id
