-- name: found_by_search_engine
-- route: published
-- grade: likely
-- shows: a file of data or a document of a web site that the robot of a search engine or an archive of the web fetched, or that somebody came to from the results of a search engine, answered in the window
-- does_not_show: that the file was not meant to be public; that the client is the robot it says it is; that the engine kept or showed a copy; who read it there
-- reads: web_request, site_file
-- example: GET /backup/list.csv by Googlebot, answered 200; the same by a browser that came from https://www.google.com/search
-- near_miss: refused (403); a page of the site; a browser that came from a page of the site; a robot that asked for another file
WITH told AS (
    SELECT w.evidence_id, w.path, w.support,
        lower(regexp_extract(w.user_agent, '(?i)(Googlebot|bingbot|Slurp|DuckDuckBot|Baiduspider|YandexBot|Applebot|archive\.org_bot|ia_archiver|CCBot|GPTBot|Bytespider|PetalBot|Y!J-[A-Z]+)', 1)) AS robot,
        lower(regexp_extract(w.referrer, '(?i)^https?://(?:[a-z0-9-]+\.)*(google|bing|yahoo|duckduckgo|baidu|yandex|ecosia|startpage|goo)\.(?:[a-z]{2,3}\.)?[a-z]{2,3}(?:/|$)', 1)) AS engine
    FROM web_request w
    WHERE w.method = 'GET'
)
SELECT f.evidence_id, f.entry_id,
    concat_ws('; ', 'fetched by what says it is ' || string_agg(DISTINCT nullif(t.robot, ''), ', ' ORDER BY nullif(t.robot, '')),
        'come to from ' || string_agg(DISTINCT nullif(t.engine, ''), ', ' ORDER BY nullif(t.engine, ''))) AS reason,
    list_sort(list(DISTINCT t.support))[:50] AS supports
FROM told t
JOIN site_file f ON f.evidence_id = t.evidence_id AND f.name_key = name_key(t.path) AND is_at(f.path_key, t.path)
WHERE t.robot <> '' OR t.engine <> ''
GROUP BY f.evidence_id, f.entry_id
