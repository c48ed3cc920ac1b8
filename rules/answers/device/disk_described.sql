-- name: disk_described
-- shows: disks as they describe themselves: serial number, maker and model, in events about their partitions (Partition/Diagnostic 1006) and their volumes (Storsvc/Diagnostic 1001); one row an event
-- does_not_show: disks without a serial number; that the disk is external (BusType tells it where the log has it); the serial number is that of the disk inside, not always that of the USB device, which `disk_parent` gives
-- reads: windows_evtx
-- example: event 1006 of Microsoft-Windows-Partition and event 1001 of Microsoft-Windows-Storsvc with SerialNumber
-- near_miss: event 1006 of a disk on the NVMe bus; of one without SerialNumber; of one whose SerialNumber says NULL
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    trim(event_data['SerialNumber']) AS device_serial,
    nullif(nullif(trim(coalesce(event_data['Manufacturer'], event_data['VendorId'])), 'NULL'), '') AS vendor,
    nullif(nullif(trim(coalesce(event_data['Model'], event_data['ProductId'])), 'NULL'), '') AS product
FROM windows_evtx
WHERE (provider = 'Microsoft-Windows-Partition' AND event_id = 1006 OR provider = 'Microsoft-Windows-Storsvc' AND event_id = 1001)
    -- What the disk does not tell is written as NULL.
    AND trim(coalesce(event_data['SerialNumber'], '')) NOT IN ('', 'NULL')
    -- STORAGE_BUS_TYPE (ntddstor.h): 11 SATA, 8 RAID, 17 NVMe are inside the machine.
    AND coalesce(event_data['BusType'], '') NOT IN ('8', '11', '17')
