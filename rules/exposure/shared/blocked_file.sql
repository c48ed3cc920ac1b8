-- name: blocked_file
-- shows: files that protection software found or blocked, by name, and of which nothing says that one of that name ever ran
-- does_not_show: that the file did not run: traces of running are lost in time; that another of the same name was not another file
-- reads: protected, ran
WITH found AS (
    -- `file:_C:\x\a.exe: name of the threat` and `C:\x\a.exe` both name a.exe.
    SELECT o.evidence_id, o."at", lower(regexp_extract(o.what, '([^\\/:*?"<>|]+\.\w{1,5})(?:[^\\/\w]|$)', 1)) AS name_key,
        concat('protected ', o.evidence_id, ' ', o.entry_id, ' ', o.locator) AS support
    FROM protected o
)
SELECT f.evidence_id, f."at", f.name_key, f.support
FROM found f
WHERE f.name_key <> '' AND NOT EXISTS (SELECT 1 FROM ran r WHERE r.evidence_id = f.evidence_id AND name_key(r.program_path) = f.name_key)
