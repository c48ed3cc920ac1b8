-- name: injection
-- shows: requests whose query or path carries a piece of SQL that no page of its own sends, answered with more than the same page gave at most without it
-- does_not_show: that the database ran it; injections in the body of a request (POST), whose content no access log holds; that the answer held data
-- reads: web_request
WITH seen AS (
    SELECT *, regexp_matches(concat_ws('?', path, query), '(?i)(\bunion\b(\s|/\*.*\*/)+(all\s+)?select\b|\bselect\b.{1,200}\bfrom\b.{0,80}(\binformation_schema\b|\bsqlite_master\b|\bsysobjects\b|\bpg_catalog\b|\busers?\b.*(--|#))|[''")]\s*(or|and)\s+[''"(]?\w+[''")]?\s*(=|like)\s*[''"(]?\w+|;\s*(select|drop|insert|update|exec|declare|copy)\b|\b(sleep|benchmark|pg_sleep|extractvalue|updatexml|load_file|xp_cmdshell|utl_http)\s*\(|\bwaitfor\s+delay\b|\binto\s+(out|dump)file\b|\binformation_schema\.)') AS is_injection
    FROM web_request
), usual AS (
    SELECT evidence_id, path, max(sent_bytes) AS most_bytes FROM seen WHERE NOT is_injection GROUP BY ALL
)
SELECT s.evidence_id, s.client, s.requested_at, s.path, s.query, s.sent_bytes, s.support
FROM seen s LEFT JOIN usual u ON u.evidence_id = s.evidence_id AND u.path = s.path
WHERE s.is_injection AND s.evidence_id IS NOT NULL AND s.sent_bytes > coalesce(u.most_bytes, 0)
