-- name: sent_outside_in_store
-- route: sent_outside
-- grade: possible
-- shows: of a store of many mails (mbox, pst) each one that the client addressed outside its own domains in the window: persons in its text
-- does_not_show: that this was not wanted, as most mails of a mailbox are; attachments, which the other rule tells one by one
-- reads: outside_recipient, case_params
-- example: a mbox with one mail to somebody@other.example
-- near_miss: a mbox whose mails all stayed inside; a single mail; one sent before the window
SELECT
    r.evidence_id,
    r.entry_id,
    concat('one of its mails was addressed outside, to the domain ', split_part(min(r.address), '@', -1)) AS reason,
    [concat('mail_message ', r.evidence_id, ' ', r.entry_id, ' ', r.locator)] AS supports,
    'mail' AS medium,
    r.locator
FROM outside_recipient r, case_params p
WHERE r.is_store AND coalesce(in_window(p.window_from, p.window_to, r.sent_at, r.sent_at), true)
GROUP BY r.evidence_id, r.entry_id, r.locator
