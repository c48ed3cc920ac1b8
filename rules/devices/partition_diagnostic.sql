-- name: partition_diagnostic
-- shows: each arrival and departure of a disk, its capacity, and from the boot sector kept in the event the serial number of its first volume
-- does_not_show: disks built in (SATA, RAID, NVMe); volumes behind the first three
-- reads: windows_evtx
-- example: event 1006 of a stick with a FAT32 boot sector
-- near_miss: event 1006 of a disk on the NVMe bus
WITH told AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at,
        trim(event_data['SerialNumber']) AS own_serial,
        -- ParentId is the USB device: USB\VID_0781&PID_5581\4C530001230910117233
        regexp_extract(upper(event_data['ParentId']), '^USB\\[^\\]+\\(.+)$', 1) AS parent_serial,
        regexp_extract(upper(event_data['ParentId']), 'VID_([0-9A-F]{4})&PID_([0-9A-F]{4})', 1) AS vid,
        regexp_extract(upper(event_data['ParentId']), 'VID_([0-9A-F]{4})&PID_([0-9A-F]{4})', 2) AS pid,
        nullif(lower(event_data['DiskId']), '{00000000-0000-0000-0000-000000000000}') AS disk_id,
        event_data['Capacity'] AS capacity, trim(event_data['Manufacturer']) AS vendor, trim(event_data['Model']) AS product,
        upper(event_data['Vbr0']) AS boot
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Partition' AND event_id = 1006
        AND coalesce(event_data['BusType'], '') NOT IN ('8', '11', '17')
), volumes AS (
    -- Where the serial number stands, in bytes: NTFS 0x48 (low half), FAT32 0x43, FAT12 and FAT16 0x27, exFAT 0x64; two digits a byte.
    SELECT *, CASE
        WHEN substr(boot, 7, 16) = '4E54465320202020' THEN substr(boot, 145, 8)
        WHEN substr(boot, 7, 16) = '4558464154202020' THEN substr(boot, 201, 8)
        WHEN substr(boot, 165, 10) = '4641543332' THEN substr(boot, 135, 8)
        WHEN substr(boot, 109, 6) = '464154' THEN substr(boot, 79, 8) END AS stored
    FROM told
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    list_filter([
        CASE WHEN coalesce(own_serial, '') <> '' THEN concat('serial:', upper(own_serial)) END,
        CASE WHEN coalesce(parent_serial, '') = '' THEN NULL
             WHEN substr(parent_serial, 2, 1) = '&' THEN concat('instance:', evidence_id, ':', parent_serial)
             ELSE concat('serial:', parent_serial) END,
        concat('disk_id:', evidence_id, ':') || disk_id,
        -- Stored with its lowest byte first.
        CASE WHEN length(stored) = 8 THEN concat('volume_serial:', substr(stored, 7, 2), substr(stored, 5, 2), substr(stored, 3, 2), substr(stored, 1, 2)) END
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'vendor': nullif(vendor, ''), 'product': nullif(product, ''), 'capacity_bytes': nullif(capacity, '0'),
         'vendor_id': nullif(vid, ''), 'product_id': nullif(pid, '')} AS attributes,
    CASE WHEN capacity = '0' THEN MAP {'removed': written_at} ELSE MAP {'connected': written_at} END AS moments
FROM volumes
