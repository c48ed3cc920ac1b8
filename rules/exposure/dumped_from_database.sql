-- name: dumped_from_database
-- route: read_from_database
-- grade: possible
-- shows: a database or dump of a server that holds a table which was given out as a whole in the window, by any client (mysqldump, COPY ... TO, INTO OUTFILE)
-- does_not_show: that it was not a backup of the client's own; where it went
-- reads: statement_table, sheet, host_file
-- example: what mysqldump sends for members, from the server itself, and a table members in shop.sql
-- near_miss: SELECT of some rows; a dump of another table; before the window
SELECT f.evidence_id, f.entry_id, concat('its table ', min(s.sheet_name), ' was given out as a whole, to ', min(coalesce(t.client_host, 'an unknown host')), ' as ', min(coalesce(t.account, 'an unknown account'))) AS reason,
    list_sort(list(DISTINCT t.support))[:50] AS supports
FROM statement_table t
JOIN sheet s ON s.evidence_id = t.evidence_id AND lower(s.sheet_name) = t.table_name
JOIN host_file f ON f.evidence_id = s.evidence_id AND f.entry_id = s.entry_id
WHERE t.is_dump
GROUP BY f.evidence_id, f.entry_id
