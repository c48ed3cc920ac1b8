-- name: background_transfer
-- shows: each file the transfer service of Windows (BITS) has brought in whole (event 60 without an error), from which address
-- does_not_show: where it was written: the event does not name the file; transfers of Windows and of browsers for their own updates are most of them
-- reads: windows_evtx
-- example: event 60 of Microsoft-Windows-Bits-Client with hr 0 and the time of the file on the server
-- near_miss: event 60 of a transfer of which nothing came; event 59, its beginning; a file that was sent
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    event_data['url'] AS url
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Bits-Client' AND event_id = 60 AND event_data['hr'] = '0' AND event_data['url'] IS NOT NULL
    AND event_data['bytesTransferred'] = event_data['bytesTotal'] AND event_data['bytesTotal'] <> '0'
    -- The time of the file on the server is known of a file that comes; without it the year is 1601.
    AND event_data['fileTime'] NOT LIKE '1601-%'
