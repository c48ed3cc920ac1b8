-- name: bitlocker
-- shows: each change of BitLocker on a volume: encryption begun (768), waiting for a start of Windows (769), stopped (771) or begun again (772), decryption begun (770), protection suspended (773) or taken up again (774), by the account of the event, an identifier
-- does_not_show: whether the volume was encrypted to the end; the state at any other time; encryption by other software
-- reads: windows_evtx
-- example: events 768 and 773 of Microsoft-Windows-BitLocker-API
-- near_miss: event 775, a key protector made
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat(CASE event_id
        WHEN 768 THEN 'encryption was started'
        WHEN 769 THEN 'encryption will start with the machine'
        WHEN 770 THEN 'decryption was started'
        WHEN 771 THEN 'encryption was stopped'
        WHEN 772 THEN 'encryption was started again'
        WHEN 773 THEN 'protection was suspended'
        ELSE 'protection was taken up again' END,
        ': ', coalesce(event_data['VolumeMountPoint'], event_data['VolumeName'])) AS what,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-BitLocker-API' AND event_id BETWEEN 768 AND 774
