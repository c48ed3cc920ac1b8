-- name: addresses_shown_in_store
-- route: addresses_shown
-- grade: possible
-- shows: of a store of many mails each one that showed many outsiders to one another: the addresses are what leaked, and whom they are of
-- does_not_show: that this was not wanted; whether they know one another; that the mail arrived; the persons in its text, of whom another rule speaks
-- reads: shown_mail, case_params
-- example: a mbox with a mail to seven customers in To
-- near_miss: a mbox whose mails go to one outsider each; a mail to seven customers in Bcc
SELECT m.evidence_id, m.entry_id, concat(max(m.address_count), ' addresses of outsiders were shown to one another') AS reason,
    [concat('mail_message ', m.evidence_id, ' ', m.entry_id, ' ', m.locator)] AS supports,
    'mail' AS medium,
    m.locator
FROM shown_mail m, case_params p
WHERE m.is_store AND m.stranger_count >= 5
  AND coalesce(in_window(p.window_from, p.window_to, m.sent_at, m.sent_at), true)
GROUP BY m.evidence_id, m.entry_id, m.locator
