-- name: share_read
-- shows: files on the shares of a host that were opened in the window with the right to read, by whom, whether that is nobody in particular, and from which address
-- does_not_show: that their bytes were read; anything while the audit of file shares (5145) is off; files on shares whose folder is not known
-- reads: windows_evtx, windows_shares, host_file, case_params
WITH reading AS (
    SELECT e.evidence_id, e.written_at AS "at", account_key(e.event_data['SubjectUserName']) AS account, e.event_data['IpAddress'] AS from_host,
        -- Whoever has no account, and whoever takes that of guests; [MS-DTYP] 2.4.2.4.
        coalesce(e.event_data['SubjectUserSid'] = 'S-1-5-7' OR regexp_matches(e.event_data['SubjectUserSid'], '^S-1-5-21-.*-501$'), false)
            OR account_key(e.event_data['SubjectUserName']) IN ('anonymous logon', 'guest') AS is_nobody,
        regexp_extract(e.event_data['ShareName'], '[^\\]+$') AS share_name, ltrim(e.event_data['RelativeTargetName'], '\') AS target,
        concat('windows_evtx ', e.evidence_id, ' ', e.entry_id, ' ', e.locator) AS support
    FROM windows_evtx e, case_params p
    WHERE e.provider = 'Microsoft-Windows-Security-Auditing' AND e.event_id = 5145
      -- [MS-DTYP] 2.4.3: bit 0 is FILE_READ_DATA. winmeta.xml: 0x10000000000000 is the keyword of an audit failure.
      AND contains(e.event_data['AccessList'], '%%4416') AND coalesce(e.keywords, '') NOT LIKE '0x801_%'
      AND in_window(p.window_from, p.window_to, e.written_at, e.written_at)
), placed AS (
    SELECT r.evidence_id, r.account, r.from_host, r.is_nobody, r."at", r.support,
        path_key(concat(CASE WHEN regexp_matches(r.share_name, '^[A-Za-z]\$$') THEN concat(left(r.share_name, 1), ':') ELSE rtrim(s.share_path, '\') END, '\', r.target)) AS path_key
    FROM reading r LEFT JOIN windows_shares s ON s.evidence_id = r.evidence_id AND lower(s.share_name) = lower(r.share_name)
)
SELECT f.evidence_id, f.entry_id, r."at", r.account, r.from_host, r.is_nobody, r.support
FROM placed r JOIN host_file f ON f.evidence_id = r.evidence_id AND f.path_key = r.path_key
