-- name: altered_page
-- shows: pages and scripts of a web site (a file of a server, or below a folder of sites) with the traits of a web skimmer, the fields they name, and when they were last changed
-- does_not_show: that the code ran, or took every field it names, or none beside them; a page a browser kept of another's site
-- reads: rule_hit, host_file
SELECT f.evidence_id, f.entry_id, f.path_key, f.modified_at,
    coalesce(min(r.rule) FILTER (r.string_name IS NULL OR NOT starts_with(r.string_name, '$item_')), min(r.rule)) AS trait,
    -- The strings of the rule on fields bear the names of data items.
    coalesce(list_sort(list(DISTINCT substr(r.string_name, 7)) FILTER (starts_with(r.string_name, '$item_'))), []) AS items,
    list_sort(list(DISTINCT concat('rule_hit ', r.evidence_id, ' ', r.entry_id, ' ', r.rule))) AS supports
FROM rule_hit r JOIN host_file f ON f.evidence_id = r.evidence_id AND f.entry_id = r.entry_id
WHERE r.outcome = 'matched' AND contains(r.rule_file, 'skim')
  AND (f.role = 'server' OR regexp_matches(f.path_key, '/(www|htdocs|html|public_html|public|wwwroot|docroot|webroot|httpdocs)/'))
GROUP BY f.evidence_id, f.entry_id, f.path_key, f.modified_at
