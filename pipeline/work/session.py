"""One run over one case: which steps are done, and how a step's results come into the case.

The order is always the same: begin record, work, results to a scratch folder, fsync and rename, end
record. A part is named by the identity of its step, so it is never written over; what no record
names at the start of a run is the debris of a killed one and is cleared, with a record.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parsers.contract import Table
from pipeline import digest
from pipeline.case import Case
from pipeline.custody.log import CustodyLog, current_products, unfinished_steps
from pipeline.custody.record import Material, Product, Result, RuleUse, Tool
from pipeline.progress import Progress, printable
from pipeline.rulebook import RULES
from pipeline.tables.write import Part, Rows, adopt, sync_folder, write_part
from pipeline.work.job import Limits

PROJECT = RULES.parent
FOLDERS = ("tables", "sheets", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step's name, its identity, what goes in, and the rules and parsers it rests on."""

    name: str
    basis: Mapping[str, Any]
    materials: tuple[Material, ...]
    rules: tuple[RuleUse, ...] = ()

    @property
    def identity(self) -> str:
        """SHA-256 over everything the step's results depend on."""
        return digest.of_json(
            {
                "step": self.name,
                "basis": dict(self.basis),
                "materials": [[one.id, one.sha256] for one in self.materials],
                "rules": [[one.file, one.sha256] for one in self.rules],
            }
        )

    @property
    def part(self) -> str:
        """Name of the step's parts, without ending."""
        return self.identity[:24]


@dataclass(slots=True, kw_only=True)
class Session:
    """What every stage is given: the case, its custody log, how to show progress, and the limits."""

    case: Case
    log: CustodyLog
    progress: Progress
    tool: Tool
    command: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    rule_folders: tuple[Path, ...] = ()
    done_count: int = 0
    kept_count: int = 0
    stopped: list[str] = field(default_factory=list)
    _products: dict[str, Product] = field(default_factory=dict)
    _ended: dict[str, str] = field(default_factory=dict)
    _made: dict[str, list[str]] = field(default_factory=dict)

    def start(self) -> None:
        """Bring the case into a known state: unfinished steps told as failed, lost products noted, debris cleared."""
        for record in unfinished_steps(self.log.records):
            self.log.append(
                "step_failed", step=record.step, step_id=record.step_id, result=Result(status="aborted")
            )
        self._products = current_products(self.log.records)
        for record in self.log.records:
            if record.action == "step_end" and record.step and record.step_id:
                self._ended[record.step] = record.step_id
                self._made[record.step] = [one.path for one in record.products]
            for one in record.superseded:
                if one.startswith("step:"):
                    self._ended.pop(one.removeprefix("step:"), None)
        self._forget_lost()
        self._clear_debris()

    def _forget_lost(self) -> None:
        """Steps whose products are gone or of another size are done again; the log keeps that it was so."""
        lost = []
        for path, product in self._products.items():
            file = self.case.root / path
            if file.is_symlink() or not file.is_file() or file.stat().st_size != product.size:
                lost.append(path)
        if not lost:
            return
        told = ", ".join(lost[:20]) + (f" and {len(lost) - 20} more" if len(lost) > 20 else "")
        self.log.append(
            "recovery",
            note=f"{len(lost)} recorded products are gone or altered; their steps are done again: {told}"[
                :4000
            ],
        )
        for step in [name for name, paths in self._made.items() if set(paths) & set(lost)]:
            self._ended.pop(step, None)
        for path in lost:
            (self.case.root / path).unlink(missing_ok=True)
            del self._products[path]

    def finish(self) -> None:
        """Leave no scratch behind."""
        shutil.rmtree(self.case.work, ignore_errors=True)

    def is_done(self, step: Step) -> bool:
        """Whether the last end of this step carries the same identity, so nothing is to be done."""
        is_same = self._ended.get(step.name) == step.identity
        self.kept_count += is_same
        return is_same

    def begin(self, step: Step) -> None:
        """Record that a step begins, before its work."""
        self.log.append(
            "step_begin",
            step=step.name,
            step_id=step.identity,
            tool=self.tool,
            command=self.command,
            materials=step.materials,
            rules=step.rules,
        )

    def end(
        self,
        step: Step,
        products: Sequence[Product],
        counts: Mapping[str, int] | None = None,
        errors: Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """Record that a step ended; products it made under an earlier identity are superseded and removed."""
        status = "problems" if errors else "complete"
        old = self._of_step(step.name, {one.path for one in products})
        self.log.append(
            "step_end",
            step=step.name,
            step_id=step.identity,
            tool=self.tool,
            materials=step.materials,
            rules=step.rules,
            products=tuple(products),
            superseded=tuple(old),
            params=dict(params or {}),
            result=Result(status=status, counts=dict(counts or {}), errors=tuple(errors)),
        )
        self._remove(old)
        self._ended[step.name] = step.identity
        self._made[step.name] = [one.path for one in products]
        self._products |= {one.path: one for one in products}
        self.done_count += 1

    def once(
        self,
        step: Step,
        work: Callable[[], Iterable[tuple[Table, Rows]]],
        item: str | None = None,
        extra: Callable[[], Iterable[Product]] | None = None,
        told: Callable[[], Mapping[str, Any]] | None = None,
    ) -> bool:
        """Run a step in this process unless it is done; its tables become parts, one after another. Gives whether it ran.

        `extra` gives further products, `told` what the record of its end states beside them; both are asked when the work is done.
        """
        if self.is_done(step):
            return False
        self.begin(step)
        made = [self.write(table, content, item, step) for table, content in work()]
        self.end(
            step,
            [*made, *(extra() if extra is not None else ())],
            {one.path.split("/")[1]: one.rows or 0 for one in made},
            params=told() if told is not None else None,
        )
        return True

    def write(self, table: Table, content: Rows, item: str | None, step: Step) -> Product:
        """Write one table of a step to its place."""
        return self.keep(write_part(content, self.place(table.name, item, step)))

    def stop(self, reason: str) -> None:
        """An item is stopped: told at once, and again at the end."""
        self.stopped.append(reason)
        self.progress.say(f"stopped  {printable(reason)}")

    def place(self, table: str, item: str | None, step: Step) -> Path:
        """Where a part of a step lies; `item` is an evidence id of case.toml, never a name from evidence."""
        folder = self.case.tables / table
        return (folder if item is None else folder / f"evidence={item}") / f"{step.part}.parquet"

    def take(self, parts: Iterable[tuple[str, Part]], item: str, step: Step) -> list[Product]:
        """Bring parts a worker left in scratch to their place."""
        return [self.keep(adopt(part, self.place(table, item, step))) for table, part in parts]

    def take_sheets(self, parts: Iterable[tuple[str, Part]]) -> list[Product]:
        """Bring sheets a worker left in scratch to their place."""
        return [self.keep(adopt(part, self.case.sheets / f"{sheet_id}.parquet")) for sheet_id, part in parts]

    def keep(self, part: Part) -> Product:
        """A finished file of the case as a product."""
        return Product(
            path=part.path.relative_to(self.case.root).as_posix(),
            sha256=part.sha256,
            size=part.size,
            rows=part.rows,
            rows_sha256=part.rows_sha256,
        )

    def retire(self, prefix: str, keep: set[str]) -> None:
        """Supersede every ended step whose name begins so and that this run did not name again."""
        gone = sorted(name for name in self._ended if name.startswith(prefix) and name not in keep)
        if not gone:
            return
        paths = sorted(path for name in gone for path in self._of_step(name, set()))
        self.log.append("superseded", superseded=(*paths, *(f"step:{name}" for name in gone)))
        for name in gone:
            del self._ended[name]
        self._remove(paths)

    def materials(self, *tables: str) -> tuple[Material, ...]:
        """The present state of tables as materials of a step."""
        return tuple(
            self.log.material(f"tables/{name}/") for name in sorted(tables) if self._has(f"tables/{name}/")
        )

    def tables_of(self, *prefixes: str) -> list[str]:
        """Names of tables with parts whose name begins so, sorted."""
        names = {path.split("/")[1] for path in self._products if path.startswith("tables/")}
        return sorted(name for name in names if name.startswith(prefixes))

    def materials_of(self, item: str, *tables: str) -> tuple[Material, ...]:
        """The present state of one item's parts of tables as materials of a step."""
        prefixes = [f"tables/{name}/evidence={item}/" for name in sorted(tables)]
        return tuple(self.log.material(prefix) for prefix in prefixes if self._has(prefix))

    def rule_use(self, files: Iterable[Path]) -> tuple[RuleUse, ...]:
        """Rule files and modules with their digests as custody names them."""
        used = []
        for path in sorted(files):
            name = (
                path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else str(path.absolute())
            )
            used.append(RuleUse(file=name, sha256=digest.of_file(path)))
        return tuple(used)

    def _has(self, prefix: str) -> bool:
        return any(path.startswith(prefix) for path in self._products)

    def _of_step(self, name: str, but: set[str]) -> list[str]:
        return sorted(path for path in self._made.get(name, []) if path in self._products and path not in but)

    def _remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            (self.case.root / path).unlink(missing_ok=True)
            self._products.pop(path, None)

    def _clear_debris(self) -> None:
        """Remove what no record names: parts renamed just before a kill, temporary files, scratch."""
        shutil.rmtree(self.case.work, ignore_errors=True)
        self.case.work.mkdir(mode=0o700)
        debris = []
        for folder in FOLDERS:
            for file in sorted((self.case.root / folder).rglob("*")):
                path = file.relative_to(self.case.root).as_posix()
                if (file.is_file() or file.is_symlink()) and path not in self._products:
                    debris.append(path)
        if debris:
            told = ", ".join(debris[:20]) + (f" and {len(debris) - 20} more" if len(debris) > 20 else "")
            self.log.append(
                "recovery", note=f"{len(debris)} files no record names were removed: {told}"[:4000]
            )
            for path in debris:
                (self.case.root / path).unlink()
                sync_folder((self.case.root / path).parent)
