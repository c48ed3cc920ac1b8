-- name: desktop_session
-- shows: sessions of the desktop, at the machine (LOCAL) and remote: its shell started (22: shell), and it was disconnected (39 by another session, 40 with a reason: disconnect) with the account that last stood behind that session number in the same log
-- does_not_show: who, where the log no longer holds the session's beginning; the session number is counted anew at each start of Windows, so an account named for 39 and 40 is an inference from the event before
-- reads: windows_evtx
-- example: event 22 of Microsoft-Windows-TerminalServices-LocalSessionManager; event 40 after an event 21 of the same session
-- near_miss: event 41, a session being arbitrated; event 40 of another provider
WITH sessions AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, evidence_id AS item, entry_id AS log, written_at, event_id,
        event_data['EventXML.User'] AS account,
        event_data['EventXML.Address'] AS from_host,
        coalesce(event_data['EventXML.SessionID'], event_data['EventXML.Session'], event_data['EventXML.TargetSession']) AS session
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-TerminalServices-LocalSessionManager' AND event_id IN (21, 22, 25, 39, 40)
), begun AS (
    SELECT item, log, session, written_at AS begun_at, account AS behind FROM sessions WHERE event_id IN (21, 22, 25)
)
SELECT s.case_id, s.evidence_id, s.entry_id, s.locator, s.parser, s.parser_version, s.status,
    s.written_at AS "at",
    coalesce(s.account, b.behind) AS account,
    CASE WHEN s.event_id = 22 THEN 'shell' ELSE 'disconnect' END AS action,
    s.from_host
FROM (SELECT * FROM sessions WHERE event_id IN (22, 39, 40)) s
ASOF LEFT JOIN begun b ON b.item = s.item AND b.log = s.log AND b.session = s.session AND b.begun_at <= s.written_at
