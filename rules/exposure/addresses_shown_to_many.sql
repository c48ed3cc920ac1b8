-- name: addresses_shown_to_many
-- route: addresses_shown
-- grade: likely
-- shows: a mail of the window that shows the addresses of five or more outsiders with nothing to do with one another to each of them: the addresses are what leaked, and whom they are of
-- does_not_show: that this was not wanted; whether they know one another; that the mail arrived; the persons in its text, of whom another rule speaks
-- reads: shown_mail, evidence_item, case_params
-- example: a mail on a host to seven customers in Cc
-- near_miss: four of them; seven of one company; the same before the window
SELECT m.evidence_id, m.entry_id, concat(max(m.address_count), ' addresses of outsiders were shown to one another') AS reason,
    list_sort(list(concat('mail_message ', m.evidence_id, ' ', m.entry_id, ' ', m.locator))) AS supports,
    'mail' AS medium
FROM shown_mail m JOIN evidence_item e USING (evidence_id), case_params p
WHERE NOT m.is_store AND e.role IS DISTINCT FROM 'sent_mail' AND m.stranger_count >= 5
  AND coalesce(in_window(p.window_from, p.window_to, m.sent_at, m.sent_at), true)
GROUP BY m.evidence_id, m.entry_id
