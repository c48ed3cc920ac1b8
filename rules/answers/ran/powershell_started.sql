-- name: powershell_started
-- shows: each program that started PowerShell within itself (Windows PowerShell 400: Available), as the first word of its command line; mostly powershell.exe
-- does_not_show: what was done in PowerShell; the whole path where the command line has none; which account; programs whose path has spaces and stands without quotation marks are cut at .exe
-- reads: windows_evtx
-- example: event 400 of PowerShell with HostApplication
-- near_miss: event 403, the end of PowerShell; event 400 without a host application
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    regexp_extract(event_data['2'], 'HostApplication="?(.+?\.(?:exe|EXE|Exe)\b|[^\s"]+)', 1) AS program_path
FROM windows_evtx
WHERE provider = 'PowerShell' AND event_id = 400
    AND regexp_matches(event_data['2'], 'HostApplication="?[^\s"]')
