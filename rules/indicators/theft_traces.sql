-- name: theft_traces
-- direction: for
-- grade: likely
-- shows: traces of theft on a server or a terminal in the window: a rule over events on packing or sending, content with the traits of a tool or command for it, a document archived and sent, read or opened by strange hands
-- does_not_show: that personal data were what was taken, where no document is named
-- reads: event_hit, rule_hit, exposure, evidence_item, case_params
-- example: a hit of a rule tagged attack.exfiltration of level medium on a host
-- near_miss: a hit of level low; a hit before the window; a hit of a rule with another tag; a document merely within reach
WITH trace AS (
    SELECT h.evidence_id, h.written_at AS "at", h.rule_title AS what, concat('event_hit ', h.evidence_id, ' ', h.entry_id, ' ', h.locator) AS support
    FROM event_hit h, case_params p
    WHERE h.rule_level IN ('medium', 'high', 'critical')
      AND len(list_filter(h.rule_tags, lambda t: t = 'attack.exfiltration' OR t = 'attack.collection' OR starts_with(t, 'attack.t1560'))) > 0
      AND in_window(p.window_from, p.window_to, h.written_at, h.written_at)
    UNION ALL
    SELECT r.evidence_id, NULL, concat('content with the traits ', r.rule), concat('rule_hit ', r.evidence_id, ' ', r.entry_id, ' ', r.rule)
    FROM rule_hit r
    WHERE r.outcome = 'matched' AND starts_with(r.rule_file, 'exfiltration')
    UNION ALL
    SELECT x.evidence_id, NULL, concat('documents on the route ', x.route), concat('exposure ', x.evidence_id, ' ', x.entry_id, ' ', x.rule)
    FROM exposure x
    WHERE x.route IN ('archived_and_sent', 'opened_by_intruder', 'read_from_share', 'read_over_web') AND x.grade IN ('confirmed', 'likely')
)
SELECT t.evidence_id, NULL AS entry_id, concat(count(DISTINCT t.support), ' traces: ', array_to_string(list_sort(list(DISTINCT t.what))[:10], '; ')) AS reason,
    list_sort(list(DISTINCT t.support))[:50] AS supports, min(t."at") AS happened_at
FROM trace t JOIN evidence_item e ON e.evidence_id = t.evidence_id AND e.role IN ('host', 'server', 'phone', 'log')
GROUP BY t.evidence_id
