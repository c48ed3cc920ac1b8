-- name: clearing_process
-- shows: processes of programs made to wipe or clean up (CCleaner, BleachBit, Eraser, PrivaZer and others), by the name of their file: Security 4688, Sysmon 1
-- does_not_show: what was wiped, or that anything was: some of them run in the background by themselves; a program under another name; starts while the audit or Sysmon is off; SDelete and the tools of Windows, which the rule on command lines tells
-- reads: windows_evtx
-- example: event 4688 of BleachBit.exe; Sysmon 1 of CCleaner64.exe
-- near_miss: an installer with the name in front; a program in a folder of that name
WITH started AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at,
        coalesce(event_data['NewProcessName'], event_data['Image']) AS program,
        CASE provider WHEN 'Microsoft-Windows-Sysmon' THEN event_data['User']
             ELSE coalesce(nullif(event_data['TargetUserName'], '-'), event_data['SubjectUserName']) END AS account
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4688
        OR provider = 'Microsoft-Windows-Sysmon' AND event_id = 1
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('program that wipes: ', program) AS what,
    account
FROM started
WHERE regexp_matches(lower(regexp_extract(program, '([^\\/]+)$', 1)), '^(bleachbit|bleachbit_console|ccleaner|ccleaner64|eraser|eraserl|privazer|bcwipe|wipefile|diskwipe|freeraser|securedelete)\.exe$')
