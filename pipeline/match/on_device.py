r"""What was opened, run, written and deleted on external devices, and by whom: the join of what was touched with the device it lay on.

A trace of a file names its volume in different ways, and the device is told by the best of them:

- `volume_serial`: the trace has the serial number of a volume that is known to lie on the device;
- `volume_guid`: its path names the volume by the GUID the device had on that machine;
- `letter_and_time`: its path has a drive letter the device had on that machine, and it happened while the device was connected;
- `letter`: the same letter, but the trace has no time, or a time at which no end of the connection is known to include it.

A trace whose volume serial is known to lie elsewhere is not joined by its letter: a letter goes to the next device.
One trace may be joined to several devices by its letter alone, and is then as many rows of the weakest kind.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from parsers.contract import PROVENANCE
from pipeline.tables.catalogue import ON_DEVICE
from pipeline.tables.schema import full_schema

VERSION = "1"
# Questions whose answers name a file or program by its path, with the column that does.
TOUCHED = {
    "opened": ("what", "account"),
    "ran": ("program_path", "account"),
    "downloaded": ("what", "NULL"),
    "deleted": ("what", "account"),
}
# A trace is written within moments of the arrival or the removal it belongs to.
_MARGIN = "INTERVAL 10 SECONDS"
_LETTER = r"^(?:\\\\\?\\|\\\?\?\\)?([A-Za-z]:)(?:[\\/]|$)"
_GUID = r"Volume(\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\})"


def on_device(connection: duckdb.DuckDBPyConnection, case_id: str) -> pa.Table:
    """The rows of `on_device`, in a fixed order; `case_id` where a trace has none."""
    found = connection.sql(_sql(), params=[case_id]).to_arrow_table()
    return found.cast(full_schema(ON_DEVICE))


def _sql() -> str:
    touched = " UNION ALL ".join(
        # Names come from this module; evidence is data alone.
        f"SELECT {', '.join(PROVENANCE)}, '{name}' AS question, source, \"at\" AS happened_at, latest_at, "  # noqa: S608
        f"{what} AS what, {account} AS account, "
        f"{'volume_serial' if name == 'opened' else 'CAST(NULL AS VARCHAR)'} AS volume_serial "
        f'FROM "{name}" WHERE {what} IS NOT NULL'
        for name, (what, account) in TOUCHED.items()
    )
    columns = ", ".join(f'"{name}"' for name in full_schema(ON_DEVICE).names)
    return f"""
    -- Numbered once: a CTE that is worked out twice may number its rows in another order.
    WITH touched AS MATERIALIZED (
        SELECT *, row_number() OVER () AS trace,
            upper(nullif(regexp_extract(what, '{_LETTER}', 1), '')) AS letter,
            lower(nullif(regexp_extract(what, '{_GUID}', 1), '')) AS guid
        FROM ({touched})
    ), serials AS (
        SELECT device_key, unnest(volume_serials) AS volume_serial FROM device
    ), letters AS (
        -- Of a device on a machine: which letters it had there.
        SELECT DISTINCT device_key, evidence_id, upper(observed_value) AS letter
        FROM device_observation WHERE attribute = 'drive_letter' AND device_key IS NOT NULL
    ), guids AS (
        SELECT DISTINCT device_key, evidence_id, lower(observed_value) AS guid
        FROM device_observation WHERE attribute = 'volume_guid' AND device_key IS NOT NULL
    ), intervals AS (
        SELECT device_key, evidence_id, coalesce(first_connected_at, last_connected_at) AS begin_at, last_removed_at AS end_at
        FROM connected WHERE device_key IS NOT NULL
    ), elsewhere AS (
        -- Volumes whose serial number is known, and of which a device is known.
        SELECT DISTINCT volume_serial FROM serials
        UNION SELECT volume_serial FROM volume v JOIN evidence_item e USING (evidence_id)
        WHERE e.role <> 'leaked_medium' AND volume_serial IS NOT NULL
    ), by_serial AS (
        SELECT trace, device_key, 'volume_serial' AS linked_by, 'proved' AS certainty
        FROM touched JOIN serials USING (volume_serial)
    ), by_guid AS (
        SELECT trace, device_key, 'volume_guid' AS linked_by, 'proved' AS certainty
        FROM touched t JOIN guids g ON g.evidence_id = t.evidence_id AND g.guid = t.guid
    ), free AS (
        SELECT * FROM touched
        WHERE letter IS NOT NULL AND (volume_serial IS NULL OR volume_serial NOT IN (SELECT volume_serial FROM elsewhere))
    ), by_letter AS (
        SELECT f.trace, l.device_key,
            coalesce(bool_or(f.happened_at >= i.begin_at - {_MARGIN} AND f.latest_at <= i.end_at + {_MARGIN}), false) AS is_within
        FROM free f JOIN letters l ON l.evidence_id = f.evidence_id AND l.letter = f.letter
        LEFT JOIN intervals i ON i.device_key = l.device_key AND i.evidence_id = f.evidence_id
        GROUP BY ALL
    ), links AS (
        SELECT * FROM by_serial UNION ALL SELECT * FROM by_guid
        UNION ALL
        SELECT trace, device_key, CASE WHEN is_within THEN 'letter_and_time' ELSE 'letter' END, CASE WHEN is_within THEN 'likely' ELSE 'possible' END
        FROM by_letter
    ), best AS (
        -- The best link of a trace decides; what is as good stays beside it.
        SELECT DISTINCT trace, device_key, linked_by, certainty,
            rank() OVER (PARTITION BY trace ORDER BY list_position(['proved', 'likely', 'possible'], certainty)) AS place
        FROM links
        QUALIFY place = 1
    ), named AS (
        SELECT trace, device_key, arg_min(linked_by, list_position(['volume_serial', 'volume_guid', 'letter_and_time', 'letter'], linked_by)) AS linked_by,
            any_value(certainty) AS certainty
        FROM best GROUP BY trace, device_key
    )
    SELECT {columns} FROM (
        SELECT t.* EXCLUDE (case_id), coalesce(t.case_id, ?) AS case_id, n.device_key, d.device_serial, n.linked_by, n.certainty
        FROM touched t JOIN named n USING (trace) JOIN device d USING (device_key)
    )
    ORDER BY evidence_id, device_key, happened_at NULLS LAST, question, source, entry_id, locator, what
    """  # noqa: S608
