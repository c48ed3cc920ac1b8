"""What a scheduled task does: its definition as XML, and the actions as the registry keeps them.

The XML is read up to where it breaks off. A document type is refused, so that no entity is ever expanded.

References:
    - Microsoft, Task Scheduler Schema (cited as [TSS]); [MS-TSCH] 2.5 Task Definition
    - "Windows Registry Analysis - Today's Episode: Tasks" (cyber.wtf, 2022): layout of Actions and DynamicInfo
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FRACTION = re.compile(r"(\.\d{1,6})\d*")
_KINDS = {"Exec": "exec", "ComHandler": "com_handler", "SendEmail": "email", "ShowMessage": "message"}
_EXEC, _COM, _EMAIL, _MESSAGE = 0x6666, 0x7777, 0x8888, 0x9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a task does."""

    kind: str
    program: str | None = None
    arguments: str | None = None
    folder: str | None = None
    class_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Definition:
    """A task as its XML tells it; `broken` says why it could not be read to its end, `is_cut` whether it just ends."""

    author: str | None = None
    uri: str | None = None
    description: str | None = None
    registered: str | None = None
    runs_as: str | None = None
    run_level: str | None = None
    is_enabled: bool | None = None
    is_hidden: bool | None = None
    triggers: list[str] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    broken: str | None = None
    is_cut: bool = False


def read_xml(text: str) -> Definition | None:
    """The definition in a document; None where it is no task, or has a document type."""
    if _DOCTYPE.search(text):
        return None
    root, broken, is_cut = _parse(text)
    if root is None or _name(root) != "Task":
        return None
    found = _definition(root)
    found.broken, found.is_cut = broken, is_cut
    return found


def _parse(text: str) -> tuple[Element | None, str | None, bool]:
    """The root with what could be read below it, why that is not all, and whether the document just ends too early."""
    puller: XMLPullParser[Any] = XMLPullParser(("start",))
    root: Element | None = None
    puller.feed(text)
    events: Iterator[Any] = puller.read_events()
    try:
        for _, element in events:
            root = element if root is None else root
    except ParseError as error:
        return root, str(error), False
    try:
        puller.close()
    except ParseError as error:
        return root, str(error), True
    return root, None, False


def _definition(root: Element) -> Definition:
    """[TSS] taskType: RegistrationInfo, Triggers, Principals, Settings, Actions."""
    about = _child(root, "RegistrationInfo")
    principal = _child(_child(root, "Principals"), "Principal")
    settings = _child(root, "Settings")
    triggers, actions = _child(root, "Triggers"), _child(root, "Actions")
    return Definition(
        author=_text(about, "Author"),
        uri=_text(about, "URI"),
        description=_text(about, "Description"),
        registered=_text(about, "Date"),
        runs_as=_text(principal, "UserId") or _text(principal, "GroupId"),
        run_level=_text(principal, "RunLevel"),
        is_enabled=_flag(_text(settings, "Enabled")),
        is_hidden=_flag(_text(settings, "Hidden")),
        triggers=[] if triggers is None else [_name(one) for one in triggers],
        actions=[] if actions is None else [_action(one) for one in actions],
    )


def _action(element: Element) -> Action:
    return Action(
        kind=_KINDS.get(_name(element), _name(element)),
        program=_text(element, "Command"),
        arguments=_text(element, "Arguments"),
        folder=_text(element, "WorkingDirectory"),
        class_id=_text(element, "ClassId"),
    )


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element | None, name: str) -> Element | None:
    return None if element is None else next((one for one in element if _name(one) == name), None)


def _text(element: Element | None, name: str) -> str | None:
    found = _child(element, name)
    return None if found is None else (found.text or "").strip() or None


def _flag(told: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get((told or "").casefold())


def moment(told: str) -> datetime:
    """A date of a definition: an instant in UTC where it names a zone, otherwise a wall clock.

    Raises:
        ValueError: it is no date.
    """
    found = datetime.fromisoformat(_FRACTION.sub(r"\1", told.strip()))
    return found if found.tzinfo is None else found.astimezone(UTC)


class CutError(ValueError):
    """The actions end within one."""


def read_actions(content: bytes) -> Iterator[Action]:
    """The actions a task's value `Actions` holds.

    Raises:
        CutError: the bytes end within an action.
        ValueError: an action is of an unknown kind; what follows it cannot be found.
    """
    reader = _Reader(content)
    version = reader.number(2)
    if version not in (1, 2, 3):
        raise ValueError(f"actions of version {version} are not known")
    if version > 1:
        reader.text()  # context: the principal the task runs as, by its name in the definition
    while reader.position < len(content):
        yield _next_action(reader, version)


def _next_action(reader: _Reader, version: int) -> Action:
    kind = reader.number(2)
    if kind not in (_EXEC, _COM, _MESSAGE):
        why = "an e-mail" if kind == _EMAIL else f"an action of kind {kind:#06x}"
        raise ValueError(f"{why} at {reader.position - 2} is not read")
    reader.text()  # id
    if kind == _COM:
        class_id = uuid.UUID(bytes_le=reader.part(16))
        reader.text()  # data
        return Action(kind="com_handler", class_id=f"{{{class_id}}}".upper())
    if kind == _MESSAGE:
        reader.text()
        reader.text()
        return Action(kind="message")
    program, arguments, folder = reader.text(), reader.text(), reader.text()
    if version == 3:
        reader.number(2)  # flags
    return Action(kind="exec", program=program or None, arguments=arguments or None, folder=folder or None)


class _Reader:
    """Reads numbers and counted texts one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def part(self, size: int) -> bytes:
        found = self.content[self.position : self.position + size]
        if len(found) < size:
            raise CutError(f"{size} bytes at {self.position}, {len(found)} are there")
        self.position += size
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.part(size), "little")

    def text(self) -> str:
        """Text in UTF-16 behind the number of its bytes."""
        raw = self.part(self.number(4))
        return raw[: len(raw) // 2 * 2].decode("utf-16-le", "surrogatepass").partition("\0")[0]
