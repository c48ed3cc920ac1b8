-- name: site_file
-- shows: files below the folder of a web site, by its usual names, that hold data or are documents of their own (no pages, scripts, pictures)
-- does_not_show: sites in folders of other names; files a program of the site gives out
-- reads: host_file
SELECT f.evidence_id, f.entry_id, f.name_key, f.path_key, f.size_bytes
FROM host_file f
WHERE regexp_matches(f.name_key, '\.(csv|tsv|xlsx?|xlsm|xlsb|docx?|pptx?|pdf|sql|dump|dmp|bak|db|db3|sqlite|sqlite3|mdb|accdb|dbf|zip|gz|tgz|tar|7z|rar|bz2|xz|json|xml|txt|log|pst|mbox|eml)$')
  AND regexp_matches(f.path_key, '/(www|htdocs|html|public_html|public|wwwroot|web|nginx|docroot|webroot|site|sites|static|httpdocs)/')
