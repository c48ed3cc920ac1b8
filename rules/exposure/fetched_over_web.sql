-- name: fetched_over_web
-- route: published
-- grade: likely
-- shows: a file of data on a server (a table, a dump, a database, an archive) that somebody outside fetched by its path, whole by the bytes sent
-- does_not_show: that it was not meant to be public; who fetched it: search engines and scanners do too
-- reads: web_request, host_file
-- example: GET /backup/list.csv from 203.0.113.7, answered 200 with as many bytes as list.csv below the root of the site has
-- near_miss: answered with fewer bytes; a file of that name outside the site's folders; a page of the site; from an address inside
SELECT f.evidence_id, f.entry_id, concat('fetched by ', count(DISTINCT r.client), ' addresses outside, first ', min_by(r.client, (r.requested_at, r.client))) AS reason,
    list_sort(list(DISTINCT r.support))[:50] AS supports
FROM web_request r
JOIN host_file f ON f.evidence_id = r.evidence_id AND f.name_key = name_key(r.path)
WHERE r.method = 'GET' AND regexp_matches(f.name_key, '\.(csv|tsv|xlsx?|xlsm|xlsb|sql|dump|dmp|bak|db|db3|sqlite|sqlite3|mdb|accdb|dbf|zip|gz|tgz|tar|7z|rar|bz2|xz|json|xml|txt|log|pst|mbox|eml)$')
  AND is_at(f.path_key, r.path)
  AND r.sent_bytes >= f.size_bytes AND f.size_bytes > 0
GROUP BY f.evidence_id, f.entry_id
