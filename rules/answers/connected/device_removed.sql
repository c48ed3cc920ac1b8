-- name: device_removed
-- shows: each time Windows told the drivers of a USB device that it is being removed or is already gone (DriverFrameworks-UserMode 2100, and 2102 when they were done); one row an event
-- does_not_show: removals while the log Microsoft-Windows-DriverFrameworks-UserMode/Operational was off, as it is since Windows 8; that somebody pulled it: a device can also be removed by a command or fail
-- reads: windows_evtx
-- example: event 2100 of Microsoft-Windows-DriverFrameworks-UserMode with major code 27 and minor code 23
-- near_miss: event 2100 about power (major code 22); event 2102 with minor code 1, the question whether it may be removed
WITH told AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at,
        coalesce(event_data['UMDFHostDeviceRequest.Request.major'], event_data['UMDFHostDeviceRequest.RequestMajorCode']) AS major,
        coalesce(event_data['UMDFHostDeviceRequest.Request.minor'], event_data['UMDFHostDeviceRequest.RequestMinorCode']) AS minor,
        coalesce(event_data['UMDFHostDeviceRequest.instance'], event_data['UMDFHostDeviceRequest.InstanceId']) AS path
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-DriverFrameworks-UserMode' AND event_id IN (2100, 2102)
), named AS (
    SELECT *,
        -- parsers/formats/device_keys.py: a path of a device, or one inside the name of another with # for \.
        CASE WHEN contains(path, '_??_')
             THEN regexp_extract(path, '_\?\?_([^#]+)#([^#]*)#([^#]*)', ['bus', 'model', 'instance'])
             ELSE regexp_extract(path, '^([^\\]+)\\([^\\]*)\\([^\\]+)$', ['bus', 'model', 'instance']) END AS id
    FROM told
    WHERE path IS NOT NULL
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    -- USBSTOR adds `&` and the number of the unit behind the serial number.
    CASE WHEN upper(id.bus) = 'USBSTOR' THEN regexp_replace(id.instance, '^(.+)&[0-9A-Fa-f]{1,4}$', '\1')
         ELSE id.instance END AS device_serial,
    written_at AS last_removed_at
FROM named
-- Hubs of the machine itself are on the bus USB too, but have no vendor number.
WHERE id.instance <> '' AND (upper(id.bus) = 'USBSTOR' OR upper(id.bus) = 'USB' AND upper(id.model) LIKE 'VID@_%' ESCAPE '@')
    -- wdm.h: IRP_MJ_PNP is 0x1B; IRP_MN_REMOVE_DEVICE is 0x02, IRP_MN_SURPRISE_REMOVAL is 0x17.
    AND major = '27' AND minor IN ('2', '23')
