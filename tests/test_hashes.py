"""Lists of known content: what they may hold, and what of a case is on them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline import again, verify
from pipeline.errors import RuleError
from pipeline.match import hashes
from tests.whole_case import ask, run_case

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def case_of(folder: Path) -> Path:
    root = folder / "case"
    (root / "evidence" / "pc").mkdir(parents=True)
    (root / "evidence" / "pc" / "tool.com").write_bytes(EICAR)
    (root / "evidence" / "pc" / "tool.bin").write_bytes(b"tool")
    (root / "evidence" / "pc" / "other.bin").write_bytes(b"other")
    return root


def test_content_on_a_list_is_told_with_list_and_name_and_done_again(tmp_path: Path) -> None:
    further = tmp_path / "further"
    (further / "hashes" / "bad").mkdir(parents=True)
    (further / "good").mkdir()
    digests = hashlib.md5(b"tool", usedforsecurity=False).hexdigest().upper()
    (further / "hashes" / "bad" / "tools.md5").write_text(
        f"# made up\n{digests} *tool.exe\n", encoding="utf-8"
    )
    (further / "good" / "known.sha1").write_text(
        hashlib.sha1(b"other", usedforsecurity=False).hexdigest(), encoding="utf-8"
    )
    root = case_of(tmp_path)
    outcome = run_case(root, rule_folders=(further,))
    assert outcome.exit_code == 0
    told = ask(
        root,
        "SELECT f.name, h.list_file, h.list_kind, h.digest_kind, h.known_name FROM hash_hit h JOIN file_entry f "
        "USING (evidence_id, entry_id) ORDER BY 1",
    )
    assert told == [
        ("other.bin", "good/known.sha1", "good", "sha1", None),
        ("tool.bin", "bad/tools.md5", "bad", "md5", "tool.exe"),
        ("tool.com", "bad/eicar.sha256", "bad", "sha256", "EICAR test file"),
    ]
    page = (root / "report" / "report.html").read_text(encoding="utf-8")
    assert "EICAR test file" in page
    assert "good/known.sha1" not in page
    found = verify.verify(root, again=again.CHECKS)
    assert [(one.number, one.details) for one in found.checks if one.passed is False] == []


@pytest.mark.parametrize(
    "line", ["not a digest", "abcd", "g" * 64, hashlib.sha1(b"x", usedforsecurity=False).hexdigest()]
)
def test_a_line_that_is_no_digest_is_an_error_that_names_it(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "list.sha256").write_text(f"# head\n\n{line}\n", encoding="utf-8")
    (found,) = hashes.lists([tmp_path])
    with pytest.raises(RuleError, match=r"bad/list\.sha256, line 3"):
        hashes._lines(found)


def test_other_files_beside_a_list_are_no_lists(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "README.txt").write_text("about", encoding="utf-8")
    (tmp_path / "maybe").mkdir()
    (tmp_path / "maybe" / "list.md5").write_text("about", encoding="utf-8")
    assert hashes.lists([tmp_path, tmp_path / "nowhere"]) == ()
