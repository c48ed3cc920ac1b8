-- name: command_file
-- shows: files of a host that such a command names, by as much of their path as the command gives
-- does_not_show: files of a folder named as a whole; files named by a pattern or a variable
-- reads: tool_command, host_file
WITH word AS (
    SELECT c.evidence_id, c."at", c.act, c.line, c.support,
        -- What stands behind `file=@` is a file; what a variable stands for is not known, the rest of the path is.
        regexp_replace(regexp_replace(trim(unnest(regexp_extract_all(c.line, '"[^"]+"|''[^'']+''|[^\s"'']+')), '"''`,;()'),
            '^[^\\/]*[=@]', ''), '^(\$\{?env:\w+\}?|\$\w+|%\w+%|~|\.)[\\/]', '') AS word
    FROM tool_command c
), named AS (
    SELECT *, ltrim(path_key(word), '/') AS path_key, name_key(word) AS name_key FROM word WHERE regexp_matches(word, '[^\\/]\.\w{1,10}$')
)
SELECT DISTINCT f.evidence_id, f.entry_id, n."at", n.act, n.line, n.support, n.path_key AS word
FROM named n
JOIN host_file f ON f.evidence_id = n.evidence_id AND f.name_key = n.name_key
WHERE ends_with(f.path_key, concat('/', n.path_key))
