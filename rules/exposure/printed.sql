-- name: printed
-- route: printed
-- grade: possible
-- shows: a file of this host whose name stands in a print job of the window: paper of it exists
-- does_not_show: that the paper left; which of several files of that name it was; jobs whose name is no file's, or is not recorded
-- reads: printed, host_file, case_params
-- example: the job "Microsoft Word - list.docx", and list.docx on the host
-- near_miss: the same job before the window; a job named "Print Document"; a file whose name is part of the job's
WITH job AS (
    SELECT o.evidence_id, o.account, concat('printed ', o.evidence_id, ' ', o.entry_id, ' ', o.locator) AS support,
        regexp_extract_all(lower(o.what), '[^\\/:*?"<>|]+\.(docx?|docm|rtf|xlsx?|xlsm|xlsb|csv|tsv|pptx?|pdf|txt|html?|msg|eml|accdb|mdb|jpe?g|png|tiff?)\b') AS named
    FROM printed o, case_params p
    WHERE in_window(p.window_from, p.window_to, o."at", o.latest_at)
), file AS (
    -- Programs put their own name in front.
    SELECT evidence_id, account, support, unnest(list_concat(list_transform(named, lambda n: trim(n)), list_transform(named, lambda n: trim(regexp_replace(n, '^.* - ', ''))))) AS name_key
    FROM job
)
SELECT f.evidence_id, f.entry_id, concat('a document of this name was printed by ', coalesce(min(j.account), 'an unknown account')) AS reason,
    list_sort(list(DISTINCT j.support)) AS supports, 'paper' AS medium
FROM file j JOIN host_file f ON f.evidence_id = j.evidence_id AND f.name_key = j.name_key AND f.kind = 'file'
GROUP BY f.evidence_id, f.entry_id
