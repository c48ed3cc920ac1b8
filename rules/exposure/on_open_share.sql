-- name: on_open_share
-- route: published
-- grade: possible
-- shows: a file in a folder of this host that was shared with nobody in particular: the permissions of the share let guests or sessions without an account read, or let everyone read where the machine counts those among everyone, names the share as open to them, or has the account of guests switched on
-- does_not_show: that somebody read it; the permissions of the file itself, which may keep it closed; whether the network let strangers reach the host; since when, or whether in the window
-- reads: windows_shares, windows_host_fact, windows_sam_users, host_file
-- example: list.csv in D:\docs, shared as docs with guests; the same shared with everyone while the account of guests is on
-- near_miss: shared with everyone while guests are off and no session without an account is let in; a printer; a file beside the folder
WITH machine AS (
    SELECT DISTINCT evidence_id FROM windows_host_fact WHERE fact_name = 'everyone_includes_anonymous' AND fact_value = '1' AND is_current_control_set IS NOT false
    UNION
    SELECT DISTINCT evidence_id FROM windows_sam_users WHERE rid = 501 AND NOT is_disabled
), opened AS (
    SELECT s.evidence_id, s.share_name, path_key(concat(rtrim(s.share_path, '\'), '\')) AS folder,
        CASE WHEN list_has_any(s.reader_sids, ['S-1-5-7', 'S-1-5-32-546']) THEN 'guests or sessions without an account'
             ELSE 'everyone, with whoever has no account' END AS readers,
        concat('windows_shares ', s.evidence_id, ' ', s.entry_id, ' ', s.locator) AS support
    FROM windows_shares s LEFT JOIN machine m USING (evidence_id)
    WHERE s.share_type = 'disk' AND s.is_current_control_set IS NOT false
      AND (list_has_any(s.reader_sids, ['S-1-5-7', 'S-1-5-32-546'])
        OR (list_contains(s.reader_sids, 'S-1-1-0') AND (s.is_null_session OR m.evidence_id IS NOT NULL)))
)
SELECT f.evidence_id, f.entry_id, concat('in the folder shared as ', min(o.share_name), ' with ', min_by(o.readers, o.share_name)) AS reason,
    list_sort(list(DISTINCT o.support)) AS supports
FROM opened o
JOIN host_file f ON f.evidence_id = o.evidence_id AND starts_with(f.path_key, o.folder)
GROUP BY f.evidence_id, f.entry_id
