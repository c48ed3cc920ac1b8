-- name: tool_command
-- shows: commands that send files elsewhere (act: upload) or pack them (act: archive): typed at a prompt, of processes started, and in PowerShell
-- does_not_show: that the command succeeded; when, of those typed at a prompt; anything while the audit of processes and of scripts is off
-- reads: windows_console_history, windows_evtx
WITH command AS (
    SELECT h.evidence_id, CAST(NULL AS TIMESTAMPTZ) AS "at", h.command_line AS line,
        concat('windows_console_history ', h.evidence_id, ' ', h.entry_id, ' ', h.locator) AS support
    FROM windows_console_history h
    UNION ALL
    SELECT e.evidence_id, e.written_at, coalesce(e.event_data['CommandLine'], e.event_data['ScriptBlockText']),
        concat('windows_evtx ', e.evidence_id, ' ', e.entry_id, ' ', e.locator)
    FROM windows_evtx e
    WHERE (e.provider = 'Microsoft-Windows-Security-Auditing' AND e.event_id = 4688)
       OR (e.provider = 'Microsoft-Windows-Sysmon' AND e.event_id = 1)
       OR (e.provider = 'Microsoft-Windows-PowerShell' AND e.event_id = 4104)
)
SELECT evidence_id, "at", line, support,
    CASE WHEN regexp_matches(line, '(?i)\b(rclone\b.*\b(copy|copyto|sync|move|moveto)\b|curl\b.*\s(-T|-F|--upload-file|--form|--data-binary)\b|(pscp|scp|sftp|azcopy|mega-put|mega-cmd)(\.exe)?\s|(winscp|ftp)\b.*\b(put|mput|synchronize remote)\b|aws\s+s3\s+(cp|mv|sync)\b|(Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b.*-(InFile|Form|Body)\b|\.Upload(File|Data)\b|Start-BitsTransfer\b.*\bUpload\b|bitsadmin\b.*/upload)')
         THEN 'upload' ELSE 'archive' END AS act
FROM command
WHERE regexp_matches(line, '(?i)\b(rclone\b.*\b(copy|copyto|sync|move|moveto)\b|curl\b.*\s(-T|-F|--upload-file|--form|--data-binary)\b|(pscp|scp|sftp|azcopy|mega-put|mega-cmd)(\.exe)?\s|(winscp|ftp)\b.*\b(put|mput|synchronize remote)\b|aws\s+s3\s+(cp|mv|sync)\b|(Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b.*-(InFile|Form|Body)\b|\.Upload(File|Data)\b|Start-BitsTransfer\b.*\bUpload\b|bitsadmin\b.*/upload)')
   OR regexp_matches(line, '(?i)\b(rar|winrar|7z|7za|7zr|7zg)(\.exe)?["'']?\s+a\s|\bCompress-Archive\b|\btar(\.exe)?\s+-{0,2}[a-z]*c[a-z]*\s|\bmakecab\b')
