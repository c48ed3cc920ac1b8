"""What programs that let people in write to syslog: OpenSSH, PAM, sudo, su, shadow (useradd and the like).

References:
    - OpenSSH, auth.c (auth_log), packet.c, auth2.c; Linux-PAM, pam_unix; sudo, logging.c; shadow, useradd.c, usermod.c, userdel.c, su.c
"""

from __future__ import annotations

import re
from typing import Any

_FROM = r" from (?P<from_host>\S+)(?: port (?P<from_port>\d{1,5})\b)?"
_SSH = (
    ("accepted", "logon", rf"Accepted (?P<auth_method>\S+) for (?P<account>.*){_FROM}"),
    ("refused", "failed", rf"Failed (?P<auth_method>\S+) for (?:(?:invalid|illegal) user )?(?P<account>.*){_FROM}"),
    ("unknown_account", "failed", rf"(?:Invalid|Illegal) user (?P<account>.*){_FROM}"),
    ("refused", "failed", rf"(?:error: )?PAM: .{{1,80}}? for (?:(?:invalid|illegal) user )?(?P<account>.*){_FROM}"),
    ("not_allowed", "failed", rf"User (?P<account>.*){_FROM} not allowed because "),
    ("not_allowed", "failed", r"ROOT LOGIN REFUSED FROM (?P<from_host>\S+)"),
    ("not_allowed", "failed", r"refused connect from \S+ \((?P<from_host>[^)\s]+)\)"),
    ("too_many_attempts", "failed", rf"(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?P<account>.*){_FROM}"),
    ("disconnected", "logoff", r"Disconnected from user (?P<account>.*) (?P<from_host>\S+) port (?P<from_port>\d{1,5})"),
)  # fmt: skip
_SUDO = re.compile(
    r"\s*(?P<account>\S+) : (?:(?P<reason>[^;=]{1,200}) ; )?(?:TTY=(?P<terminal>\S+) ; )?PWD=(?P<folder>.*?) ; USER=(?P<target_account>\S+) ; "
    r"(?:GROUP=\S+ ; )?(?:TSID=\S+ ; )?(?:ENV=[^;]* ; )?COMMAND=(?P<command>.*)"
)
_SU = (
    ("su", None, r"Successful su for (?P<target_account>\S+) by (?P<account>\S+)"),
    ("su", "failed", r"FAILED su for (?P<target_account>\S+) by (?P<account>\S+)"),
    ("su", None, r"\(to (?P<target_account>\S+)\) (?P<account>\S+) on (?P<terminal>\S+)"),
    ("su", "failed", r"FAILED SU \(to (?P<target_account>\S+)\) (?P<account>\S+) on (?P<terminal>\S+)"),
    ("su", None, r"\+ (?P<terminal>\S+) (?P<account>[^\s:]+):(?P<target_account>\S+)"),
    ("su", "failed", r"- (?P<terminal>\S+) (?P<account>[^\s:]+):(?P<target_account>\S+)"),
)
_SHADOW = (
    ("account_added", None, r"new user: name=(?P<target_account>[^,]*), "),
    ("account_deleted", None, r"delete user [`'](?P<target_account>[^']*)'"),
    ("group_joined", None, r"add [`'](?P<target_account>[^']*)' to (?:shadow )?group [`'](?P<group_name>[^']*)'"),
    ("group_joined", None, r"(?:user|member) (?P<target_account>\S+) added (?:by \S+ )?to group (?P<group_name>\S+)"),
    ("account_changed", None, r"change user [`'](?P<target_account>[^']*)' "),
)  # fmt: skip
_PAM_SESSION = re.compile(
    r"pam_\w+\((?P<service>[^:)]{1,64}):session\): session (?P<word>opened|closed) for user (?P<account>[^\s(]+)(?:\(uid=\d+\))?(?: by (?P<by>[^\s(]*))?"
)
_PAM_FAILURE = re.compile(
    r"pam_\w+\((?P<service>[^:)]{1,64}):auth\): authentication failure;.{0,300}? tty=(?P<terminal>\S*) ruser=(?P<by>\S*) rhost=(?P<from_host>\S*)(?:\s+user=(?P<account>\S+))?"
)
_PAM_PASSWORD = re.compile(
    r"pam_\w+\(\w+:chauthtok\): password changed for (?P<target_account>\S+)", re.IGNORECASE
)
_OTHERS_RIGHTS = {"sudo", "sudo-i", "su", "su-l", "runuser", "runuser-l"}
# Services that begin no session of a person who comes in, or whose program tells it in another line.
_NO_LOGON = {"cron", "crond", "atd", "systemd-user", "polkit-1", "sshd", *_OTHERS_RIGHTS}

_SHADOW_PROGRAMS = {"useradd", "userdel", "usermod", "groupadd", "gpasswd", "adduser", "passwd", "chpasswd"}
PROGRAMS = frozenset({"sshd", "sshd-session", "sudo", "su", "login", *_SHADOW_PROGRAMS})


def _compiled(
    every: tuple[tuple[str, str | None, str], ...],
) -> tuple[tuple[str, str | None, re.Pattern[str]], ...]:
    return tuple((kind, action, re.compile(pattern)) for kind, action, pattern in every)


_BY_PROGRAM = {
    **dict.fromkeys(("sshd", "sshd-session"), _compiled(_SSH)),
    "su": _compiled(_SU),
    **dict.fromkeys(_SHADOW_PROGRAMS, _compiled(_SHADOW)),
}


def event_of(program: str, message: str) -> dict[str, Any] | None:
    """What a message of a program tells, None where it is of no kind that is known."""
    name = program.casefold()
    if name == "sudo" and (found := _SUDO.match(message)):
        values = found.groupdict()
        reason = values.pop("reason")
        values.pop("folder")
        return {"event_kind": "sudo", "action": "failed" if reason else None, **values}
    for kind, action, pattern in _BY_PROGRAM.get(name, ()):
        if found := pattern.match(message):
            return {"event_kind": kind, "action": action, **found.groupdict()}
    return _pam(message)


def _pam(message: str) -> dict[str, Any] | None:
    if not message.startswith("pam_"):
        return None
    if found := _PAM_SESSION.match(message):
        word, is_logon = found["word"], found["service"].casefold() not in _NO_LOGON
        action = "logon" if word == "opened" and is_logon else None
        if word == "closed" and (is_logon or found["service"] == "sshd"):
            action = "logoff"
        return {"event_kind": f"session_{word}", "action": action, **_becomes(found)}
    if found := _PAM_FAILURE.match(message):
        # sshd tells each attempt itself.
        action = None if found["service"] == "sshd" else "failed"
        values = {name: found[name] or None for name in ("terminal", "from_host")}
        return {"event_kind": "refused", "action": action, **values, **_becomes(found)}
    if found := _PAM_PASSWORD.match(message):
        return {"event_kind": "password_changed", "action": None, **found.groupdict()}
    return None


def _becomes(found: re.Match[str]) -> dict[str, Any]:
    """Who it was; of a service that takes another's rights who asked, and whose they are."""
    if found["by"] and found["service"].casefold() in _OTHERS_RIGHTS:
        return {"account": found["by"], "target_account": found["account"]}
    return {"account": found["account"]}
