-- name: read_by_injection
-- route: read_over_web
-- grade: likely
-- shows: a database or dump of a server that holds a table named in a piece of SQL that somebody outside put into a request, answered with more bytes than the page gives
-- does_not_show: which rows were read, or that these were; tables whose name the request does not give
-- reads: injection, sheet, host_file
-- example: GET /item?id=1 UNION SELECT name, tel FROM members, answered with 90000 bytes where the page gives 3000, and a table members in shop.db
-- near_miss: the same from an address inside; answered with an error, or as usual; a table of another name
SELECT f.evidence_id, f.entry_id, concat('asked for by SQL in requests from ', min(i.client), ' (', count(DISTINCT i.support), ' of them, ', max(i.sent_bytes), ' bytes at most): table ', min(s.sheet_name)) AS reason,
    list_sort(list(DISTINCT i.support))[:50] AS supports
FROM (SELECT *, unnest(tables_named(concat_ws('?', path, query))) AS table_name FROM injection) i
JOIN sheet s ON s.evidence_id = i.evidence_id AND lower(s.sheet_name) = i.table_name AND length(s.sheet_name) >= 3
JOIN host_file f ON f.evidence_id = s.evidence_id AND f.entry_id = s.entry_id
GROUP BY f.evidence_id, f.entry_id
