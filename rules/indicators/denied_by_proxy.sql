-- name: denied_by_proxy
-- direction: against
-- grade: possible
-- shows: clients whose requests to services for sharing files a proxy refused in the window, and let none through
-- does_not_show: what the client reached in another way
-- reads: server_proxy_access, sharing_site, case_params
-- example: three requests to mega.nz refused
-- near_miss: one of the requests let through; before the window; a site for other things refused
WITH request AS (
    SELECT x.evidence_id, x.client_ip, s.host, coalesce(x.is_denied, false) AS is_denied, x.requested_at, concat('server_proxy_access ', x.evidence_id, ' ', x.entry_id, ' ', x.locator) AS support
    FROM server_proxy_access x
    JOIN sharing_site s ON lower(split_part(x.host, ':', 1)) = s.host OR ends_with(lower(split_part(x.host, ':', 1)), concat('.', s.host)), case_params p
    WHERE in_window(p.window_from, p.window_to, x.requested_at, x.requested_at)
)
SELECT evidence_id, NULL AS entry_id, concat(count(DISTINCT support), ' requests of ', client_ip, ' to ', array_to_string(list_sort(list(DISTINCT host))[:5], ', '), ' refused, none let through') AS reason,
    list_sort(list(DISTINCT support))[:50] AS supports, min(requested_at) AS happened_at
FROM request
GROUP BY evidence_id, client_ip
HAVING bool_and(is_denied)
