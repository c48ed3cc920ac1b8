-- name: statement_table
-- shows: statements of a database that give rows out (SELECT, COPY ... TO, TABLE), in the window or at a time whose zone is not known, by each table they name, and whether they give the whole of it
-- does_not_show: rows, where the log does not count them; tables named by a view or a function
-- reads: server_sql_statement, server_of_log, case_params
WITH said AS (
    SELECT s.*, o.evidence_id AS server_id FROM server_sql_statement s JOIN server_of_log o ON o.log_id = s.evidence_id, case_params p
    WHERE s.statement_kind IN ('SELECT', 'COPY', 'TABLE', 'WITH') AND coalesce(s.rows_sent, 1) > 0
      AND coalesce(in_window(p.window_from, p.window_to, s.written_at, s.written_at), s.written_at IS NULL)
)
SELECT server_id AS evidence_id, account, client_host, rows_sent, unnest(tables_named(statement)) AS table_name,
    -- What mysqldump sends, what writes into a file, and what asks for everything.
    regexp_matches(statement, '(?i)^\s*(select\s+/\*!40001|copy\s+\S+(\s*\([^)]*\))?\s+to\b|table\s)|\binto\s+(out|dump)file\b') AS is_dump,
    concat('server_sql_statement ', evidence_id, ' ', entry_id, ' ', locator) AS support
FROM said
