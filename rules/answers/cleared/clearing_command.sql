-- name: clearing_command
-- shows: command lines and scripts that clear logs (wevtutil cl, Clear-EventLog), delete shadow copies, backups or the change journal (vssadmin, wmic, wbadmin, fsutil), or overwrite what was deleted (cipher /w, sdelete): Security 4688, Sysmon 1, PowerShell 4104; the line that says it
-- does_not_show: that it succeeded; a script may only define what it does not run, and a text may only name the word; the same done by other means; command lines while their audit (4688), Sysmon or the log of script blocks (4104) is off; the account of a script is an identifier
-- reads: windows_evtx
-- example: event 4688 with the command line wevtutil cl Security; event 4104 with Clear-EventLog
-- near_miss: wevtutil el, which lists logs; vssadmin list shadows; cipher without /w
WITH commands AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at,
        coalesce(event_data['CommandLine'], event_data['ScriptBlockText'], event_data['NewProcessName']) AS command,
        CASE provider WHEN 'Microsoft-Windows-Sysmon' THEN event_data['User']
             WHEN 'Microsoft-Windows-PowerShell' THEN user_sid
             ELSE coalesce(nullif(event_data['TargetUserName'], '-'), event_data['SubjectUserName']) END AS account
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4688
        OR provider = 'Microsoft-Windows-Sysmon' AND event_id = 1
        OR provider = 'Microsoft-Windows-PowerShell' AND event_id = 4104
), said AS (
    SELECT *, trim(regexp_extract(command, '(?i)[^\r\n]*(?:\bwevtutil(?:\.exe)?[\"'']?\s+(?:cl|clear-log)\b|\b(?:Clear|Remove)-EventLog\b|\bvssadmin(?:\.exe)?[\"'']?\s+delete\s+shadows\b|\bwmic(?:\.exe)?\b.*\bshadowcopy\b.*\bdelete\b|\bfsutil(?:\.exe)?[\"'']?\s+usn\s+deletejournal\b|\bwbadmin(?:\.exe)?[\"'']?\s+delete\b|\bcipher(?:\.exe)?[\"'']?\s+(?:.*\s)?/w\b|\bsdelete(?:64)?(?:\.exe)?\b)[^\r\n]*')) AS what
    FROM commands
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    what,
    account
FROM said
WHERE what <> ''
