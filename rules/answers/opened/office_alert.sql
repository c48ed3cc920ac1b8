-- name: office_alert
-- shows: each document named in a message of Office on the screen (OAlerts 300), such as the question whether to save it: it was open then
-- does_not_show: the folder it lay in; when it was opened; documents Office said nothing about; a name with spaces that stands without quotation marks is cut at its last word
-- reads: windows_evtx
-- example: event 300 of Microsoft Office 16 Alerts with the name of a document
-- near_miss: event 300 that names no document
WITH alerts AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at, coalesce(event_data['0'], event_data['Data']) AS message
    FROM windows_evtx
    WHERE event_id = 300 AND provider LIKE 'Microsoft Office % Alerts'
), named AS (
    SELECT *, regexp_extract(message,
        '(?i)[\x{0022}\x{0027}\x{2018}\x{201C}\x{300C}]([^\x{0022}\x{0027}\x{2018}\x{2019}\x{201C}\x{201D}\x{300C}\x{300D}\r\n]+\.(?:docx?|docm|dotx?|rtf|xlsx?|xlsm|xlsb|csv|pptx?|pptm|ppsx?|pub|vsdx?|one|accdb|mdb|msg|pdf|txt|xml|html?))[\x{0022}\x{0027}\x{2019}\x{201D}\x{300D}]', 1) AS quoted,
        regexp_extract(message,
        '(?i)([^\s\x{0022}\x{0027}\x{2018}\x{201C}\x{300C}]+\.(?:docx?|docm|dotx?|rtf|xlsx?|xlsm|xlsb|csv|pptx?|pptm|ppsx?|pub|vsdx?|one|accdb|mdb|msg|pdf|txt|xml|html?))(?:[^A-Za-z0-9]|$)', 1) AS bare
    FROM alerts
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    coalesce(nullif(quoted, ''), bare) AS what
FROM named
WHERE quoted <> '' OR bare <> ''
