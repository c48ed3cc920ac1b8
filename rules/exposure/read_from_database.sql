-- name: read_from_database
-- route: read_from_database
-- grade: likely
-- shows: a database or dump of a server that holds a table which a client with a public address had rows of, by the log of statements
-- does_not_show: which rows; that the client was not allowed to; statements while that log was off; that the file is of that database, where several have a table of the name
-- reads: statement_table, sheet, host_file
-- example: SELECT * FROM members by a client at 203.0.113.7, and a table members in shop.sql
-- near_miss: the same by a client inside; a table of another name; no row given; before the window
SELECT f.evidence_id, f.entry_id, concat('rows of its table ', min(s.sheet_name), ' were given to ', min(t.client_host)) AS reason, list_sort(list(DISTINCT t.support))[:50] AS supports
FROM statement_table t
JOIN sheet s ON s.evidence_id = t.evidence_id AND lower(s.sheet_name) = t.table_name
JOIN host_file f ON f.evidence_id = s.evidence_id AND f.entry_id = s.entry_id
WHERE is_public(t.client_host)
GROUP BY f.evidence_id, f.entry_id
