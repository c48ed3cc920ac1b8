-- name: partition_diagnostic
-- shows: each time a disk with a serial number came (capacity above zero) or went (capacity zero), one row an event
-- does_not_show: disks without a serial number of their own; that the disk is external (BusType tells it where the log has it)
-- reads: windows_evtx
-- example: event 1006 of Microsoft-Windows-Partition with SerialNumber and a Capacity
-- near_miss: event 1006 without SerialNumber, or with the word NULL for it; a disk on the SATA, RAID or NVMe bus
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    trim(event_data['SerialNumber']) AS device_serial,
    CASE WHEN event_data['Capacity'] <> '0' THEN written_at END AS first_connected_at,
    CASE WHEN event_data['Capacity'] <> '0' THEN written_at END AS last_connected_at,
    CASE WHEN event_data['Capacity'] = '0' THEN written_at END AS last_removed_at
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Partition' AND event_id = 1006
    -- What the disk does not tell is written as NULL.
    AND trim(coalesce(event_data['SerialNumber'], '')) NOT IN ('', 'NULL')
    -- STORAGE_BUS_TYPE (ntddstor.h): 11 SATA, 8 RAID, 17 NVMe are inside the machine.
    AND coalesce(event_data['BusType'], '') NOT IN ('8', '11', '17')
