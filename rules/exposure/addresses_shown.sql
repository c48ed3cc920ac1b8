-- name: addresses_shown
-- route: addresses_shown
-- grade: confirmed
-- shows: a mail handed in as sent by mistake (role sent_mail) that shows the addresses of two or more outsiders with nothing to do with one another, or of ten of whatever domain, to each of them: the addresses are what leaked, and whom they are of
-- does_not_show: that this was not wanted; whether they know one another; that the mail arrived; the persons in its text, of whom another rule speaks
-- reads: shown_mail, evidence_item, case_params
-- example: one mail, of role sent_mail, to twelve customers in To
-- near_miss: the same mail with the customers in Bcc; two addresses of one company; a mail with one outsider
SELECT m.evidence_id, m.entry_id, concat(max(m.address_count), ' addresses of outsiders were shown to one another') AS reason,
    list_sort(list(concat('mail_message ', m.evidence_id, ' ', m.entry_id, ' ', m.locator))) AS supports,
    'mail' AS medium
FROM shown_mail m JOIN evidence_item e USING (evidence_id), case_params p
WHERE NOT m.is_store AND e.role = 'sent_mail' AND (m.stranger_count >= 2 OR m.address_count >= 10)
  AND coalesce(in_window(p.window_from, p.window_to, m.sent_at, m.sent_at), true)
GROUP BY m.evidence_id, m.entry_id
