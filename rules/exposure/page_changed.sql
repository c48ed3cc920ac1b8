-- name: page_changed
-- route: page_altered
-- grade: possible
-- shows: a page or script below the root of a web site that was changed in the window, on a server that something says was in strange hands then
-- does_not_show: that the change was not the owner's; what it does; what visitors typed
-- reads: host_file, compromise, case_params
-- example: /var/www/html/checkout.js changed in the window, on a server with a session from a public address
-- near_miss: the same without such a session; changed before the window; a script outside the site
SELECT f.evidence_id, f.entry_id, concat('changed in the window; ', min(c.what)) AS reason,
    [concat('file_entry ', f.evidence_id, ' ', f.entry_id, ' ', f.locator), min_by(c.support, (c.what, c.support))] AS supports
FROM host_file f JOIN compromise c ON c.evidence_id = f.evidence_id, case_params p
WHERE f.kind = 'file' AND regexp_matches(f.path_key, '/(var/www|srv/www|usr/share/nginx|htdocs|public_html|wwwroot)/.*\.(html?|xhtml|js|mjs|php|phtml|aspx?|jsp|cgi|pl|tpl|twig)$')
  AND (p.window_from IS NOT NULL OR p.window_to IS NOT NULL)
  AND in_window(p.window_from, p.window_to, f.modified_at, f.modified_at)
GROUP BY f.evidence_id, f.entry_id, f.locator
