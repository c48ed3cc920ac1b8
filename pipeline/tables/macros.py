"""What several queries need to say in the same way, as macros of the engine."""

from __future__ import annotations

import duckdb

_MACROS = (
    # IANA special-purpose registries; of those, ranges kept for documentation count as public: nobody uses them inside.
    "is_public(host) AS CASE "
    "WHEN regexp_matches(regexp_replace(host, '^::ffff:', ''), '^\\d{1,3}(\\.\\d{1,3}){3}$') THEN NOT regexp_matches("
    "regexp_replace(host, '^::ffff:', ''), '^(0|10|127|22[4-9]|2[3-5]\\d)\\.|^169\\.254\\.|^192\\.168\\.|^172\\.(1[6-9]|2\\d|3[01])\\.|"
    "^100\\.(6[4-9]|[7-9]\\d|1[01]\\d|12[0-7])\\.') "
    "WHEN regexp_matches(host, '(?i)^[0-9a-f]*:[0-9a-f:]+$') THEN NOT regexp_matches(host, '(?i)^(::1?$|f[cd]|fe[89ab]|ff)') "
    "ELSE false END",
    # Null where the moment is not known and the window has ends: whoever asks says what that means.
    "in_window(window_from, window_to, earliest, latest) AS (window_from IS NULL OR coalesce(latest, earliest) >= window_from) "
    "AND (window_to IS NULL OR earliest <= window_to)",
    # One form for a path as a trace of Windows tells it and as an item holds it: without drive, `/` between folders, lower case.
    "path_key(path) AS regexp_replace(replace(lower(path), '\\', '/'), '^(/?[a-z](:|%3a)/|/[a-z]/)', '/')",
    "name_key(path) AS lower(regexp_extract(path, '[^\\\\/]+$'))",
    # A path or query as it was meant: decoded twice, since what is hidden is often encoded twice; what cannot be decoded stays.
    "plain(encoded) AS lower(coalesce(try(url_decode(try(url_decode(replace(encoded, '+', ' '))))), encoded))",
    # Tables a piece of SQL names behind FROM, JOIN, COPY or TABLE, without their schema; comments may stand for spaces.
    "tables_named(statement) AS list_distinct(list_transform(regexp_extract_all(regexp_replace(lower(statement), '/\\*.*?\\*/', ' ', 'g'), "
    "'\\b(?:from|join|copy|table)[\\s(]*([^\\s(),;]+)', 1), lambda one: "
    "regexp_extract(one, '([^.`\"\\[\\]''-]+)[`\"\\]''-]*$', 1)))",
    # A path of a site is the end of a path of the server, from the folder of the site on, by its usual names.
    "is_at(path_key, asked) AS length(ltrim(asked, '/')) > 0 AND ends_with(path_key, concat('/', ltrim(asked, '/'))) AND regexp_matches("
    "left(path_key, length(path_key) - length(ltrim(asked, '/'))), "
    "'/(www|htdocs|html|public_html|public|wwwroot|web|nginx|docroot|webroot|site|sites|static|httpdocs)/([^/]+/)?$')",
    # KOJO\\hanako and hanako@kojo.example are hanako.
    "account_key(account) AS lower(split_part(regexp_replace(account, '^.*\\\\', ''), '@', 1))",
)


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the macros: is_public, in_window, path_key, name_key, plain, tables_named, is_at, account_key."""
    for macro in _MACROS:
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
