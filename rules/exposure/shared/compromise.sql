-- name: compromise
-- shows: what says that a host may have been in strange hands in the window: a hit of level high or critical of a rule over events, a session from a public address, a web shell asked for from outside, content listed as bad, a hit of a rule over malware that was not blocked before it ran
-- does_not_show: that it was; what these rules do not look for; of malware found as a file, when it came
-- reads: event_hit, rule_hit, hash_hit, outside_session, blocked_file, host_file, web_request, case_params
WITH file_hit AS (
    SELECT r.evidence_id, r.entry_id,
        CASE WHEN regexp_matches(r.rule_file, '^(credential_dumpers|web_shells)') THEN 'malware' ELSE 'content' END AS kind, concat('content with the traits ', r.rule) AS what, concat('rule_hit ', r.evidence_id, ' ', r.entry_id, ' ', r.rule) AS support
    FROM rule_hit r
    WHERE r.outcome = 'matched' AND NOT contains(r.rule_file, 'skimmer')
    UNION
    SELECT h.evidence_id, h.entry_id, 'malware', concat('content known as ', h.known_name), concat('hash_hit ', h.evidence_id, ' ', h.entry_id, ' ', h.list_file)
    FROM hash_hit h
    WHERE h.list_kind = 'bad'
)
SELECT h.evidence_id, h.entry_id, 'event' AS kind, h.written_at AS "at", concat(h.rule_title, ' (', h.rule_level, ')') AS what,
    concat('event_hit ', h.evidence_id, ' ', h.entry_id, ' ', h.locator) AS support
FROM event_hit h, case_params p
WHERE h.rule_level IN ('high', 'critical') AND in_window(p.window_from, p.window_to, h.written_at, h.written_at)
UNION ALL
SELECT s.evidence_id, NULL, 'session', s.begun_at, concat('session from the public address ', s.from_host), s.support
FROM outside_session s
WHERE s.kind = 'public'
UNION ALL
SELECT h.evidence_id, h.entry_id, h.kind, f.created_at, h.what, h.support
FROM file_hit h
JOIN host_file f ON f.evidence_id = h.evidence_id AND f.entry_id = h.entry_id, case_params p
WHERE coalesce(in_window(p.window_from, p.window_to, f.created_at, f.created_at), true)
  AND NOT EXISTS (SELECT 1 FROM blocked_file b WHERE b.evidence_id = f.evidence_id AND b.name_key = f.name_key)
UNION ALL
SELECT w.evidence_id, f.entry_id, 'session', w.requested_at, concat('web shell ', f.name_key, ' asked for by ', w.client), w.support
FROM file_hit h
JOIN host_file f ON f.evidence_id = h.evidence_id AND f.entry_id = h.entry_id
JOIN web_request w ON w.evidence_id = f.evidence_id AND name_key(w.path) = f.name_key
WHERE h.kind = 'malware' AND ends_with(f.path_key, concat('/', ltrim(w.path, '/')))
