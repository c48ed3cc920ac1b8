-- name: no_upload_by_proxy
-- direction: against
-- grade: likely
-- shows: the log of a proxy that has a line on every day of the window and tells the bytes clients sent, and in which no client sent a megabyte to one host within a day
-- does_not_show: what went past the proxy; transfers in small parts, or over many hosts; a day of which a part is missing
-- reads: server_proxy_access, coverage, case_params
-- example: a log of every day of the window with at most 1000 bytes sent
-- near_miss: two megabytes to one host on one day; a day without a line; lines that do not tell the bytes sent; a window without ends
WITH line AS (
    SELECT x.evidence_id, x.client_ip, x.host, date_trunc('day', x.requested_at) AS day, x.uploaded_bytes, concat('server_proxy_access ', x.evidence_id, ' ', x.entry_id) AS support
    FROM server_proxy_access x, case_params p
    WHERE x.requested_at BETWEEN date_trunc('day', p.window_from) AND date_trunc('day', p.window_to) + INTERVAL 1 DAY AND NOT coalesce(x.is_denied, false)
), sent AS (
    SELECT evidence_id, sum(uploaded_bytes) AS sent_bytes FROM line GROUP BY evidence_id, client_ip, host, day
), kept AS (
    SELECT l.evidence_id, list_sort(list(DISTINCT l.support)) AS supports
    FROM line l, case_params p
    GROUP BY l.evidence_id, p.window_from, p.window_to
    HAVING count(DISTINCT l.day) >= date_diff('day', p.window_from, p.window_to) + 1 AND bool_and(l.uploaded_bytes IS NOT NULL)
)
SELECT k.evidence_id, NULL AS entry_id, concat('no client sent more than ', max(s.sent_bytes), ' bytes to one host within a day of the window') AS reason, any_value(k.supports) AS supports,
    CAST(NULL AS TIMESTAMPTZ) AS happened_at
FROM kept k JOIN sent s ON s.evidence_id = k.evidence_id
WHERE NOT EXISTS (SELECT 1 FROM coverage v WHERE v.evidence_id = k.evidence_id AND v.parser = 'servers/proxy' AND v.outcome IN ('failed', 'partial'))
GROUP BY k.evidence_id
HAVING max(s.sent_bytes) < 1000000
