-- name: device_classes
-- shows: disks, cards, volumes and portable devices by the interfaces they offered, which stay when their keys in Enum are removed
-- does_not_show: when a device was there: a key bounds a connection; disks built in
-- reads: windows_device_classes
-- example: the disk interface of a stick
-- near_miss: the disk interface of a disk built in
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, enumerator <> 'USB' OR interface_class = 'portable_device' AS is_anchor,
    [CASE WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial)) ELSE concat('serial:', upper(device_serial)) END] AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'revision': revision, 'vendor_id': vendor_id, 'product_id': product_id,
         'device_type': device_type} AS attributes,
    MAP {'key_written': key_written_at} AS moments
FROM windows_device_classes
WHERE device_serial IS NOT NULL AND enumerator IN ('USBSTOR', 'SD', 'STORAGE', 'WPDBUSENUM', 'WPDBUSENUMROOT', 'USB')
