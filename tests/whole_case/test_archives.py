"""Archives in a whole case: their members are entries, counted like others; budgets and passwords hold."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from fixtures.builders import archives as builder
from fixtures.builders.sheets import csv_bytes
from fixtures.persons import persons
from pipeline.errors import CaseError
from tests.whole_case import ask, run_case

PEOPLE = persons(40, seed=73)


def roster() -> bytes:
    rows = [["氏名", "電話番号", "メールアドレス"]]
    rows += [[f"{one.surname} {one.given}", "-".join(one.phone), one.email] for one in PEOPLE]
    return "\r\n".join(",".join(row) for row in rows).encode("cp932") + b"\r\n"


def case_of(folder: Path, toml: str = "", **files: bytes) -> Path:
    root = folder / "case"
    (root / "evidence" / "pc").mkdir(parents=True)
    for name, content in files.items():
        (root / "evidence" / "pc" / name.replace("__", ".")).write_bytes(content)
    item = '[[evidence]]\nid = "pc"\npath = "evidence/pc"\nrole = "leaked_medium"\n'
    (root / "case.toml").write_text(f'[case]\nnumber = "A"\n{toml}\n{item}', encoding="utf-8")
    return root


def test_a_list_in_an_archive_in_an_archive_is_counted(tmp_path: Path) -> None:
    inner = builder.zipped((builder.NAME, roster()))
    root = case_of(tmp_path, backup__tgz=builder.gzipped(builder.tarred((b"old/list.zip", inner))))
    run_case(root)
    ((path, depth),) = ask(root, "SELECT path, depth FROM file_entry WHERE name LIKE '%.csv'")
    assert (path, depth) == (f"/backup.tgz//backup.tar//old/list.zip//{builder.NAME}", 3)
    ((row_count,),) = ask(root, "SELECT row_count FROM sheet")
    assert row_count == len(PEOPLE)
    assert ask(root, "SELECT count(*) FROM problem") == [(0,)]


def test_a_locked_list_keeps_the_count_open_until_its_password_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = builder.zip_aes("list.csv", roster(), builder.PASSWORD.encode())
    root = case_of(tmp_path, list__zip=locked)
    run_case(root)
    assert ask(root, "SELECT DISTINCT kind FROM problem") == [("locked",)]
    assert ask(root, "SELECT bool_and(is_open) FROM affected_count") == [(True,)]
    toml = root / "case.toml"
    said = toml.read_text(encoding="utf-8")
    toml.write_text(
        said.replace("[[evidence]]", '[incident]\npasswords = ["env:LIST"]\n[[evidence]]'), encoding="utf-8"
    )
    with pytest.raises(CaseError, match="LIST"):
        run_case(root)
    monkeypatch.setenv("LIST", builder.PASSWORD)
    run_case(root)
    assert ask(root, "SELECT count(*) FROM problem") == [(0,)]
    assert ask(root, "SELECT row_count FROM sheet") == [(len(PEOPLE),)]
    written = b"".join(
        one.read_bytes() for one in root.rglob("*") if one.is_file() and one.name != "list.zip"
    )
    assert builder.PASSWORD.encode() not in written


def test_a_bomb_costs_its_budget_and_is_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("zeros.csv", "w") as stream:
            for _ in range(200):
                stream.write(bytes(1 << 20))
        archive.writestr("list.csv", csv_bytes([["氏名"], ["見本 太郎"]], "utf-8"))
    root = case_of(tmp_path, bomb__zip=out.getvalue())
    run_case(root)
    told = ask(root, "SELECT kind, path FROM problem")
    assert told == [("limit", "/bomb.zip//zeros.csv")]
    assert ask(root, "SELECT count(*) FROM sheet") == [(1,)]
