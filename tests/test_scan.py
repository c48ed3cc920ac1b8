"""Rules over bytes: hits in order, rules refused with file and line, scans that do not end."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import digest
from pipeline.errors import RuleError
from pipeline.extract.scan import Hit, Scanner, compile_rules

WORD = 'rule word { strings: $a = "abc" $b = "bcd" condition: any of them }'


def folder_of(place: Path, **files: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / f"{name}.yar").write_text(content, encoding="utf-8")
    return place


def scanner_of(place: Path, **files: str) -> Scanner:
    return compile_rules([folder_of(place, **files)])


def test_a_hit_names_rule_file_digest_string_place_and_bytes(tmp_path: Path) -> None:
    (hit,) = scanner_of(tmp_path, words='rule word { strings: $a = "abc" condition: $a }').scan(b"xxabcx", 10)
    assert hit == Hit(
        rule="word",
        rule_file="words.yar",
        rule_sha256=digest.of_file(tmp_path / "words.yar"),
        outcome="matched",
        string_name="$a",
        offset_bytes=2,
        matched=b"abc",
    )


def test_hits_are_sorted_by_file_rule_offset_and_string(tmp_path: Path) -> None:
    scanner = scanner_of(
        tmp_path, b=WORD, a='rule z { strings: $z = "abc" condition: $z } rule y { condition: true }'
    )
    found = [
        (one.rule_file, one.rule, one.offset_bytes, one.string_name) for one in scanner.scan(b"abcd abcd", 10)
    ]
    assert found == [
        ("a.yar", "y", None, None),
        ("a.yar", "z", 0, "$z"),
        ("a.yar", "z", 5, "$z"),
        ("b.yar", "word", 0, "$a"),
        ("b.yar", "word", 1, "$b"),
        ("b.yar", "word", 5, "$a"),
        ("b.yar", "word", 6, "$b"),
    ]


def test_bytes_and_a_file_give_the_same_hits(tmp_path: Path) -> None:
    scanner = scanner_of(tmp_path / "rules", words=WORD)
    content = b"\0" * 100_000 + b"abcd"
    (tmp_path / "content").write_bytes(content)
    assert scanner.scan(tmp_path / "content", 10) == scanner.scan(content, 10) != ()


def test_matched_bytes_are_at_most_256(tmp_path: Path) -> None:
    (hit,) = scanner_of(tmp_path, long="rule long { strings: $a = /Zx{300}/ condition: $a }").scan(
        b"Z" + b"x" * 300, 10
    )
    assert hit.matched == b"Z" + b"x" * 255


def test_at_most_64_hits_a_rule_the_first_ones_and_other_rules_go_on(tmp_path: Path) -> None:
    many = 'rule many { strings: $a = "a" condition: $a } rule few { strings: $z = "zz" condition: $z }'
    scanner = scanner_of(tmp_path, many=many)
    # More than the million matches of one string at which the engine stops counting.
    hits = scanner.scan(b"a" * 1_100_000 + b"zz", 60)
    assert [one.offset_bytes for one in hits if one.rule == "many"] == list(range(64))
    assert [one.offset_bytes for one in hits if one.rule == "few"] == [1_100_000]


def test_a_string_that_hits_everywhere_pushes_no_other_string_out(tmp_path: Path) -> None:
    rule = 'rule two { strings: $many = "a" $last = "z" condition: all of them }'
    (tmp_path / "two.yar").write_text(rule, encoding="utf-8")
    hits = compile_rules([tmp_path]).scan(b"a" * 100 + b"z", 10)
    assert len(hits) == 64
    assert [(one.string_name, one.offset_bytes) for one in hits][-2:] == [("$many", 62), ("$last", 100)]


def test_a_scan_that_runs_out_of_time_is_one_hit_that_says_so(tmp_path: Path) -> None:
    slow = "rule slow { strings: $a = /(a+)+(b|a+)*c.*.*.*.*d/ condition: $a }"
    (hit,) = scanner_of(tmp_path, slow=slow).scan(b"ac" * 1_000_000, 1)
    assert (hit.outcome, hit.rule, hit.offset_bytes) == ("timed_out", None, None)


def test_content_that_cannot_be_opened_is_one_hit_that_says_so(tmp_path: Path) -> None:
    (hit,) = scanner_of(tmp_path / "rules", words=WORD).scan(tmp_path / "nothing here", 10)
    assert (hit.outcome, hit.rule) == ("failed", None)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("rule a {\n condition: nothing }", r"bad\.yar, line 2:"),
        ("rule a { condition: true }\nrule a { condition: true }", r"bad\.yar, line 2:"),
        ('\n\ninclude "other.yar"\n', r"bad\.yar, line 3: includes are disabled; put the rules"),
        ('/* x */ include "/etc/passwd"', r"bad\.yar, line 1: includes are disabled"),
        ("rule a {\n condition: true", r"bad\.yar, line 2:"),
    ],
)
def test_a_bad_rule_is_refused_with_file_and_line(tmp_path: Path, content: str, wanted: str) -> None:
    with pytest.raises(RuleError, match=wanted):
        scanner_of(tmp_path, bad=content, good=WORD)


def test_a_missing_folder_and_a_file_that_is_not_utf8_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="missing"):
        compile_rules([tmp_path / "none"])
    (tmp_path / "bad.yar").write_bytes(b"// \x8e\x9a\n")
    with pytest.raises(RuleError, match=r"bad\.yar is not UTF-8 at byte 3"):
        compile_rules([tmp_path])


def test_the_digest_follows_names_and_contents_only(tmp_path: Path) -> None:
    first = scanner_of(tmp_path / "1", a=WORD, b=WORD)
    again = scanner_of(tmp_path / "2", b=WORD, a=WORD)
    changed = scanner_of(tmp_path / "3", a=WORD, b=WORD + " ")
    renamed = scanner_of(tmp_path / "4", a=WORD, c=WORD)
    assert first.digest == again.digest
    assert len({first.digest, changed.digest, renamed.digest}) == 3


def test_folders_without_rules_find_nothing(tmp_path: Path) -> None:
    assert compile_rules([folder_of(tmp_path)]).scan(b"anything", 10) == ()
    assert compile_rules([]).scan(b"", 10) == ()


def test_two_folders_may_hold_files_and_rules_of_the_same_name(tmp_path: Path) -> None:
    scanner = compile_rules([folder_of(tmp_path / "1", a=WORD), folder_of(tmp_path / "2", a=WORD)])
    assert len(scanner.scan(b"abc", 10)) == 2
