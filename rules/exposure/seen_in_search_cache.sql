-- name: seen_in_search_cache
-- route: published
-- grade: likely
-- shows: a file of data or a document of a web site whose copy in the cache of a search engine or in an archive of the web somebody looked at with a browser of the case
-- does_not_show: when the copy was made, how long it stood there and who else saw it; caches looked at from machines that are not in the case
-- reads: visited, site_file
-- example: a visit to webcache.googleusercontent.com/search?q=cache:…:shop.example/backup/list.csv, and list.csv at that path of the site
-- near_miss: a visit to the file itself; the cache of another file; a page that only names the cache
WITH copy AS (
    -- The address of the copy stands behind that of the cache; other words of the cache may stand behind it.
    SELECT v.evidence_id, v.entry_id, v.locator, v."at", lower(regexp_extract(v.url, '^https?://([^/]+)', 1)) AS cache,
        regexp_extract(regexp_extract(plain(v.url), '^https?://[^/]+/(.*)$', 1), '[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?/(.*?)(?:[+&\s].*)?$', 1) AS path
    FROM visited v
    WHERE regexp_matches(lower(v.url), '^https?://(webcache\.googleusercontent\.com/|cc\.bingj\.com/cache|[a-z0-9.-]*cache\.yahoofs\.jp/|(web\.)?archive\.org/web/|archive\.(today|ph|is|li|md|vn|fo)/|([a-z0-9-]+\.)?megalodon\.jp/)')
)
SELECT f.evidence_id, f.entry_id, concat('a copy was looked at in ', min(c.cache), coalesce(', first ' || strftime(min(c."at"), '%Y-%m-%dT%H:%M:%SZ'), '')) AS reason,
    list_sort(list(DISTINCT concat('visited ', c.evidence_id, ' ', c.entry_id, ' ', c.locator)))[:50] AS supports
FROM copy c
JOIN site_file f ON f.name_key = name_key(c.path) AND is_at(f.path_key, c.path)
GROUP BY f.evidence_id, f.entry_id
