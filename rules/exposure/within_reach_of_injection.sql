-- name: within_reach_of_injection
-- route: read_over_web
-- grade: possible
-- shows: a database or dump on a server where a piece of SQL that somebody outside put into a request was answered with more bytes than the page gives
-- does_not_show: that it is the database of that site, or that it was read: no trace of it by name
-- reads: injection, document, host_file
-- example: GET /item?id=1' OR 'a'='a, answered with 90000 bytes where the page gives 3000, and shop.db on the server
-- near_miss: a workbook on the server; a database on another item; the same answered as usual
SELECT f.evidence_id, f.entry_id, concat('a database of a server whose site was asked with SQL from ', min(i.client), ' (', count(DISTINCT i.support), ' requests answered with more than usual)') AS reason,
    list_sort(list(DISTINCT i.support))[:50] AS supports
FROM injection i
JOIN host_file f ON f.evidence_id = i.evidence_id AND regexp_matches(f.name_key, '\.(db|db3|sqlite|sqlite3|sql|dump|dmp|mdb|accdb|dbf)(\.(gz|zip|bz2|xz))?$')
JOIN document d ON d.evidence_id = f.evidence_id AND d.entry_id = f.entry_id
GROUP BY f.evidence_id, f.entry_id
