-- name: outside_session
-- shows: sessions in the window that came from a public address (kind: public), by remote desktop from an address inside (desktop) or by a tool of remote control (tool), from beginning to end
-- does_not_show: who was there; where no end is logged twelve hours are taken; an address inside may be that of a gateway, and a public one that of a worker at home
-- reads: access, windows_evtx, case_params
WITH told AS (
    SELECT a.evidence_id, a."at", a.latest_at, a.action, nullif(account_key(a.account), '') AS account, a.from_host,
        concat('access ', a.evidence_id, ' ', a.entry_id, ' ', a.locator) AS support,
        CASE WHEN is_public(a.from_host) THEN 'public'
             WHEN a.source LIKE 'windows_anydesk%' OR a.source LIKE 'windows_teamviewer%' THEN 'tool'
             WHEN a.from_host NOT IN ('LOCAL', '127.0.0.1', '::1', '-', '') AND (e.provider LIKE 'Microsoft-Windows-TerminalServices%'
                OR e.event_data['LogonType'] = '10' OR e.event_id = 4778) THEN 'desktop' END AS kind,
        -- A session ends by its own number where the log gives one: an account may have several at once.
        coalesce('logon ' || coalesce(e.event_data['TargetLogonId'], e.event_data['LogonID']),
            'desktop ' || coalesce(e.event_data['EventXML.SessionID'], e.event_data['EventXML.Session']), account_key(a.account)) AS session
    FROM access a
    LEFT JOIN windows_evtx e ON e.evidence_id = a.evidence_id AND e.entry_id = a.entry_id AND e.locator = a.locator
    WHERE a."at" IS NOT NULL AND a.action IN ('logon', 'connect', 'unlock', 'logoff', 'disconnect')
), begun AS (
    SELECT t.* FROM told t, case_params p
    WHERE t.kind IS NOT NULL AND t.action IN ('logon', 'connect', 'unlock') AND in_window(p.window_from, p.window_to, t."at", t.latest_at)
), ended AS (
    SELECT evidence_id, session, "at" AS ended_at FROM told WHERE action IN ('logoff', 'disconnect')
)
SELECT b.evidence_id, b.account, b.kind, b.from_host, b."at" AS begun_at, coalesce(e.ended_at, b."at" + INTERVAL 12 HOUR) AS until_at, b.support
FROM begun b
ASOF LEFT JOIN ended e ON e.evidence_id = b.evidence_id AND e.session = b.session AND e.ended_at >= b."at"
