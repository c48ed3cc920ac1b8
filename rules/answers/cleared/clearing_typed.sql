-- name: clearing_typed
-- shows: commands typed at a PowerShell prompt that clear logs (wevtutil cl, Clear-EventLog), delete shadow copies, backups or the change journal (vssadmin, wmic, wbadmin, fsutil), or overwrite what was deleted (cipher /w, sdelete)
-- does_not_show: when; that the command was carried out or succeeded; what was typed at other prompts or run by a script
-- reads: windows_console_history
-- example: cipher /w:E:\ among the commands of a profile
-- near_miss: wevtutil el, which lists logs; vssadmin list shadows; a comment
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    NULL::TIMESTAMPTZ AS "at",
    command_line AS what,
    profile_name AS account
FROM windows_console_history
WHERE regexp_matches(command_line, '(?i)\bwevtutil(?:\.exe)?[\"'']?\s+(?:cl|clear-log)\b|\b(?:Clear|Remove)-EventLog\b|\bvssadmin(?:\.exe)?[\"'']?\s+delete\s+shadows\b|\bwmic(?:\.exe)?\b.*\bshadowcopy\b.*\bdelete\b|\bfsutil(?:\.exe)?[\"'']?\s+usn\s+deletejournal\b|\bwbadmin(?:\.exe)?[\"'']?\s+delete\b|\bcipher(?:\.exe)?[\"'']?\s+(?:.*\s)?/w\b|\bsdelete(?:64)?(?:\.exe)?\b')
    AND NOT regexp_matches(command_line, '^\s*#')
