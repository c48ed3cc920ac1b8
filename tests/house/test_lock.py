"""The locked environment: wheels only, but for two packages of pure Python; nothing under AGPL or GPL is linked."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PURE_SOURCES = {"dtfabric", "hexdump"}
# Named by their metadata under more than one licence, of which the permissive one is used.
_FREE = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)


def packages() -> list[dict]:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]


def test_every_package_has_a_wheel_or_is_pure_python() -> None:
    without = {one["name"] for one in packages() if not one.get("wheels") and "registry" in one["source"]}
    assert without <= PURE_SOURCES


def test_every_package_comes_from_the_package_index() -> None:
    sources = {one["source"]["registry"] for one in packages() if "registry" in one["source"]}
    assert sources == {"https://pypi.org/simple"}


def test_what_the_main_job_links_is_permissive_or_lgpl() -> None:
    project = next(one for one in packages() if one["name"] == "kanshiki")
    by_name = {one["name"]: one for one in packages()}
    waiting, linked = [one["name"] for one in project["dependencies"]], set()
    while waiting:
        name = waiting.pop()
        if name not in linked:
            linked.add(name)
            waiting += [one["name"] for one in by_name[name].get("dependencies", [])]
    wrong = []
    for name in sorted(linked):
        try:
            told = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or Python
        words = [told.get("License-Expression") or told.get("License") or "", *told.get_all("Classifier", [])]
        if any(_FREE.search(one[:200]) for one in words if "Lesser" not in one and "LGPL" not in one):
            wrong.append(f"{name}: {words[0][:60]}")
    assert not wrong
