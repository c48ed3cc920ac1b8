-- name: web_request
-- shows: requests of the window from outside that a web server answered with content: path and query in plain, the earliest instant it may have been (`requested_at`), and the server they are of: the item the log lies in, else the only server of the case
-- does_not_show: what the answer contained; who sat behind the address; what was in the body of a request; requests of a client inside the network, or behind a balancer whose log does not name it; of a line without a zone, when within a day it was: it counts if its time may lie in the window
-- reads: server_web_access, server_of_log, case_params
WITH request AS (
    SELECT w.* EXCLUDE (requested_at), o.evidence_id AS server_id,
        -- A wall clock is at most 14 hours ahead of UTC, and 12 behind.
        coalesce(w.requested_at, CAST(w.requested_local AS TIMESTAMPTZ) - INTERVAL 14 HOURS) AS requested_at,
        coalesce(w.requested_at, CAST(w.requested_local AS TIMESTAMPTZ) + INTERVAL 12 HOURS) AS latest_at,
        -- The first address is the client's as the balancer saw it, where the balancer is inside.
        CASE WHEN is_public(w.client_ip) THEN w.client_ip ELSE trim(split_part(w.forwarded_for, ',', 1)) END AS client
    FROM server_web_access w LEFT JOIN server_of_log o ON o.log_id = w.evidence_id
)
SELECT r.server_id AS evidence_id, r.client, r.requested_at, r.method, r.sent_bytes,
    plain(r.path) AS path, plain(r.query) AS query, r.user_agent, r.referrer, concat('server_web_access ', r.evidence_id, ' ', r.entry_id, ' ', r.locator) AS support
FROM request r, case_params p
WHERE is_public(r.client) AND r.status_code IN (200, 206) AND in_window(p.window_from, p.window_to, r.requested_at, r.latest_at)
