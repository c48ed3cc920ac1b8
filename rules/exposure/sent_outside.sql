-- name: sent_outside
-- route: sent_outside
-- grade: confirmed
-- shows: an attachment, or the text, of a mail that the client addressed outside its own domains in the window, or of one given as the sent mail; of a store of many mails (mbox, pst) the attachments of such mails
-- does_not_show: that the mail arrived or was read; the text of mails within a store; without mail_domains in case.toml nothing is known to be outside
-- reads: outside_recipient, file_entry, evidence_item, case_params
-- example: a workbook attached to a mail to somebody@other.example
-- near_miss: the same mail to a colleague at the client's domain; a mail that came from outside; a draft; what else lies in the store; a mail of a host sent before the window
WITH RECURSIVE outside AS (
    SELECT r.evidence_id, r.entry_id, r.locator, r.is_store, min(r.address) AS address
    FROM outside_recipient r LEFT JOIN evidence_item e USING (evidence_id), case_params p
    -- A mail given as the one that was sent is that one, whatever its clock said.
    WHERE (NOT r.is_store AND coalesce(e.role = 'sent_mail', false)) OR coalesce(in_window(p.window_from, p.window_to, r.sent_at, r.sent_at), true)
    GROUP BY ALL
), sent AS (
    SELECT evidence_id, entry_id, locator, address, entry_id AS mail_entry_id FROM outside WHERE NOT is_store
    UNION
    SELECT f.evidence_id, f.entry_id, o.locator, o.address, o.entry_id
    FROM outside o JOIN file_entry f ON f.evidence_id = o.evidence_id AND f.container_entry_id = o.entry_id
    WHERE o.is_store AND starts_with(f.member_locator, concat(o.locator, '/'))
    UNION
    SELECT f.evidence_id, f.entry_id, s.locator, s.address, s.mail_entry_id
    FROM sent s JOIN file_entry f ON f.evidence_id = s.evidence_id AND f.container_entry_id = s.entry_id
)
SELECT
    evidence_id,
    entry_id,
    concat('in a mail addressed outside, to the domain ', split_part(min(address), '@', -1)) AS reason,
    [concat('mail_message ', evidence_id, ' ', min(mail_entry_id), ' ', min(locator))] AS supports,
    'mail' AS medium
FROM sent
GROUP BY evidence_id, entry_id
