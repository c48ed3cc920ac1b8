-- name: exported_over_web
-- route: read_over_web
-- grade: possible
-- shows: a database or dump on a server of whose site somebody outside asked for a function that gives data out (export, download, dump, backup), answered with a kilobyte or more
-- does_not_show: that it is the database of that site; that the function gave out personal data; that the client was not allowed to
-- reads: web_request, document, host_file
-- example: GET /admin/export.php?type=csv from 203.0.113.7, answered with 90000 bytes, and shop.db on the server
-- near_miss: a page that only has the word in its name (/exports-of-japan); answered with 300 bytes; from an address inside
SELECT f.evidence_id, f.entry_id, concat('a database of a server whose site gave data out to ', min(r.client), ' (', min(r.path), ', ', max(r.sent_bytes), ' bytes at most)') AS reason,
    list_sort(list(DISTINCT r.support))[:50] AS supports
FROM web_request r
JOIN host_file f ON f.evidence_id = r.evidence_id AND regexp_matches(f.name_key, '\.(db|db3|sqlite|sqlite3|sql|dump|dmp|mdb|accdb|dbf)(\.(gz|zip|bz2|xz))?$')
JOIN document d ON d.evidence_id = f.evidence_id AND d.entry_id = f.entry_id
WHERE r.sent_bytes >= 1024
  AND regexp_matches(concat_ws('?', r.path, r.query), '(?i)((^|[/_.?&=-])(csv_?)?(export|exportcsv|dump|mysqldump|backup|csvdownload|download_?csv|list_?download|data_?download)([/_.?&=-]|$)|[?&](format|type|output|mode|action|cmd)=(csv|xlsx?|export|dump)\b)')
GROUP BY f.evidence_id, f.entry_id
