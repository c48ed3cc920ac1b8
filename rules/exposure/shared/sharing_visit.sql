-- name: sharing_visit
-- shows: visits in the window, in a browser, to services where anybody can store or send files
-- does_not_show: that something was sent: such pages are for fetching files too; services not listed here; that a service is not one the client uses itself
-- reads: visited, browser_visit, sharing_site, case_params
WITH visit AS (
    SELECT v.evidence_id, v."at", v.latest_at, v.url, b.page_title,
        lower(regexp_extract(v.url, '^[A-Za-z]+://(?:[^/@]*@)?([^/:?#]+)', 1)) AS host,
        concat('visited ', v.evidence_id, ' ', v.entry_id, ' ', v.locator) AS support
    FROM visited v
    LEFT JOIN browser_visit b ON b.evidence_id = v.evidence_id AND b.entry_id = v.entry_id AND b.locator = v.locator
)
SELECT DISTINCT v.evidence_id, v."at", v.latest_at, v.url, v.page_title, s.host, v.support
FROM visit v JOIN sharing_site s ON v.host = s.host OR ends_with(v.host, concat('.', s.host)), case_params p
WHERE in_window(p.window_from, p.window_to, v."at", v.latest_at)
