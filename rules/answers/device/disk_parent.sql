-- name: disk_parent
-- shows: the USB device a disk hangs on, by the serial number USB knows it by, in events about its partitions (Partition/Diagnostic 1006) and its volumes (Storsvc/Diagnostic 1001); one row an event
-- does_not_show: disks on no USB device; disks that several slots of one reader give in turn are one device here
-- reads: windows_evtx
-- example: event 1006 of Microsoft-Windows-Partition whose ParentId is a USB device
-- near_miss: event 1006 of a disk whose ParentId is a controller on the PCI bus
WITH told AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
        regexp_extract(event_data['ParentId'], '(?i)^USB\\VID_[0-9A-F]{4}&PID_[0-9A-F]{4}[^\\]*\\([^\\]+)$', 1) AS device_serial,
        nullif(nullif(trim(coalesce(event_data['Manufacturer'], event_data['VendorId'])), 'NULL'), '') AS vendor,
        nullif(nullif(trim(coalesce(event_data['Model'], event_data['ProductId'])), 'NULL'), '') AS product
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Partition' AND event_id = 1006 OR provider = 'Microsoft-Windows-Storsvc' AND event_id = 1001
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    device_serial, vendor, product, substr(device_serial, 2, 1) = '&' AS is_serial_generated
FROM told
WHERE device_serial <> ''
