"""The command line: every command's example runs, JSON is JSON, exit codes are those promised."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from parsers import all_parsers
from pipeline import cli
from tests.whole_case import copied


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied("mis-sent-mail", tmp_path_factory.mktemp("cli"))
    code, _ = invoke("run", "--quiet", str(root))
    assert code == 0
    return root


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def example(name: str) -> list[str]:
    """The words of the example a command's help ends with."""
    text = cli.main.commands[name].help or ""
    line = " ".join(text.partition("Example: kanshiki ")[2].split())
    return shlex.split(line)


@pytest.mark.parametrize("name", sorted(set(cli.main.commands) - {"init"}))
def test_the_example_of_each_help_runs(
    case: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where an example writes a file
    words = [str(case) if word.startswith("fixtures/cases/") else word for word in example(name)]
    assert words[0] == name
    code, said = invoke(*words)
    assert code == 0, said
    assert said


def test_init_makes_a_case_once(tmp_path: Path) -> None:
    root = tmp_path / "KS-2026-009"
    code, said = invoke("init", str(root), "--client", "株式会社 見本", "--examiner", "鑑識 担当")
    assert code == 0
    assert said.strip() == str(root / "case.toml")
    assert (root / "evidence").is_dir()
    assert invoke("init", str(root))[0] == 3


@pytest.mark.parametrize(
    "words", [["run"], ["status"], ["verify"], ["decide"], ["report"], ["scope"], ["ingest"]]
)
def test_json_is_json(case: Path, words: list[str]) -> None:
    quiet = [] if words[0] in ("status", "verify") else ["--quiet"]
    code, said = invoke(*words, str(case), "--json", *quiet)
    assert code == 0
    assert json.loads(said)


def test_query_gives_rows_as_json_and_lists_tables(case: Path) -> None:
    code, said = invoke("query", str(case), "SELECT subject FROM mail_message", "--json")
    assert code == 0
    assert json.loads(said) == [{"subject": "セミナー参加者名簿の送付"}]
    code, said = invoke("query", str(case), "--tables")
    assert {"mention", "opened", "timeline", "windows_lnk"} <= set(said.split())


def test_parsers_tells_from_where_each_reads() -> None:
    code, said = invoke("parsers")
    assert code == 0
    assert said.count("    reads: ") == said.count("    tables: ") == len(all_parsers())
    assert "    reads: **/Prefetch/*.pf, **/*.pf\n" in said


def test_parsers_tells_what_each_does_not_show() -> None:
    code, said = invoke("parsers", "--json")
    assert code == 0
    listed = {one["parser"]: one for one in json.loads(said)}
    assert {"windows/evtx", "windows/usbstor", "windows/lnk", "documents/csv", "mail/eml"} <= set(listed)
    assert all("Does not show" in one["about"] for one in listed.values())


def test_decide_takes_facts_from_a_file(tmp_path: Path) -> None:
    facts = {
        "entity_kind": "private",
        "facts": {
            "persons_lower": 1001,
            "persons_upper": 1001,
            "categories": ["name"],
            "data_structure": "personal_data",
            "event": "leak",
            "event_certainty": "confirmed",
            "cause": "misdelivery",
            "improper_purpose": "no",
            "encryption": "none",
            "recovered_before_viewing": "no",
            "entrustment": {"role": "none"},
            "my_number": {"included": "no"},
            "known_date": "2026-06-01",
        },
    }
    file = tmp_path / "facts.json"
    file.write_text(json.dumps([facts, facts]), encoding="utf-8")
    code, said = invoke("decide", "--facts", str(file), "--json")
    assert code == 0
    first, second = json.loads(said)
    assert first == second
    assert first["reportable"] is True
    assert first["final_due"] == "2026-06-30"
    assert "abroad" not in first
    code, said = invoke(
        "decide", "--facts", str(file), "--law-pack", "appi-private", "--law-pack", "gdpr", "--json"
    )
    assert (code, json.loads(said)[0]["abroad"][0]["owed"]) == (0, "undetermined")
    code, said = invoke("decide", "--facts", str(file), "--law-pack", "gdpr")
    assert "GDPR-33-1 未確定 undetermined: 監督機関" in said
    assert "2026-06-04T00:00:00+09:00" in said
    assert invoke("decide", "--facts", str(file), "--law-pack", "martian")[0] == 6
    file.write_text("{}", encoding="utf-8")
    assert invoke("decide", "--facts", str(file))[0] == 7


def test_wrong_usage_is_two(case: Path) -> None:
    assert invoke("decide")[0] == 2
    assert invoke("decide", str(case), "--law-pack", "gdpr")[0] == 2
    assert invoke("run", str(case), "--no-such-option")[0] == 2
