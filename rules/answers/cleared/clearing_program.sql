-- name: clearing_program
-- shows: each start of a program made to wipe or clean up, or of one of Windows that can clear logs, free space and shadow copies, by the traces that keep no command line (prefetch, UserAssist, BAM, shim cache with its flag, SRUM)
-- does_not_show: what it was told to do: wevtutil, cipher, vssadmin and fsutil list and do much else, and Windows itself starts them; a program under another name; that something was wiped
-- reads: windows_prefetch, windows_prefetch_run, windows_user_assist, windows_bam, windows_shim_cache, windows_srum_application
-- example: a run of SDELETE64.EXE in a prefetch file; wevtutil.exe in BAM; CCleaner in UserAssist
-- near_miss: a program whose name only begins so; a run of another program
WITH started AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, ran_at AS "at", coalesce(program_path, program_name) AS program, NULL AS account
    FROM windows_prefetch_run
    UNION ALL
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, NULL, coalesce(program_path, program_name), NULL
    FROM windows_prefetch WHERE last_run_at IS NULL
    UNION ALL
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, last_run_at, program_path, profile_name
    FROM windows_user_assist WHERE program_path IS NOT NULL AND (is_time_shared IS NOT true)
    UNION ALL
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, last_run_at, program_path, account_sid FROM windows_bam
    UNION ALL
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, NULL, program_path, NULL FROM windows_shim_cache WHERE has_run_flag
    UNION ALL
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, NULL, program_path, account_sid FROM windows_srum_application
), named AS (
    SELECT *, lower(regexp_extract(program, '([^\\/]+)$', 1)) AS name FROM started
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, "at",
    concat(CASE WHEN regexp_matches(name, '^(wevtutil|cipher|vssadmin|fsutil)\.exe$') THEN 'started, what for is not told: ' ELSE 'program that wipes: ' END, program) AS what,
    account
FROM named
WHERE regexp_matches(name, '^(wevtutil|cipher|vssadmin|fsutil|sdelete|sdelete64|sdelete64a|bleachbit|bleachbit_console|ccleaner|ccleaner64|eraser|eraserl|privazer|bcwipe|wipefile|wise disk cleaner|diskwipe|dban|freeraser|securedelete|shred|timestomp)\.exe$')
