-- name: disk_parent
-- shows: each time a disk on a USB device came (capacity above zero) or went (capacity zero), by the serial number USB knows the device by (Partition/Diagnostic 1006); one row an event
-- does_not_show: disks on no USB device; the log also says that a disk came at each start of Windows with the device already there
-- reads: windows_evtx
-- example: event 1006 of Microsoft-Windows-Partition with a USB device as ParentId and a Capacity
-- near_miss: event 1006 of a disk whose ParentId is a controller on the PCI bus
WITH told AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
        regexp_extract(event_data['ParentId'], '(?i)^USB\\VID_[0-9A-F]{4}&PID_[0-9A-F]{4}[^\\]*\\([^\\]+)$', 1) AS device_serial, written_at, event_data['Capacity'] AS capacity
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Partition' AND event_id = 1006
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    device_serial,
    CASE WHEN capacity <> '0' THEN written_at END AS first_connected_at,
    CASE WHEN capacity <> '0' THEN written_at END AS last_connected_at,
    CASE WHEN capacity = '0' THEN written_at END AS last_removed_at
FROM told
WHERE device_serial <> '' AND capacity IS NOT NULL
