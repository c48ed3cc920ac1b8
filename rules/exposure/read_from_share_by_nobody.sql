-- name: read_from_share_by_nobody
-- route: published
-- grade: likely
-- shows: a file on a share of this host that was opened in the window with the right to read by somebody without an account, or by the account of guests
-- does_not_show: who that was; that the file's bytes were read; anything while the audit of file shares (5145) is off (5140 tells the share alone); files on shares whose folder is not known
-- reads: share_read
-- example: event 5145 on list.csv of a share, with the right to read, by ANONYMOUS LOGON from 192.168.1.5
-- near_miss: the same by hanako; by nobody without the right to read; after the window
SELECT r.evidence_id, r.entry_id, concat('read over a share by ', min(r.account), ', which is nobody in particular, from ', min(r.from_host)) AS reason,
    list_sort(list(DISTINCT r.support)) AS supports
FROM share_read r
WHERE r.is_nobody
GROUP BY r.evidence_id, r.entry_id
