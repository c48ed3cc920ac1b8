"""Which mentions of an exposed entry went out with it, by the route it went."""

from __future__ import annotations

# Who sends a mail and who gets it know of one another already: by the sending nothing of theirs went out.
SENDINGS = ("sent_outside", "sent_outside_in_store")
# Where addresses were shown to one another, they leaked, and of nobody else than outsiders among the recipients.
ADDRESSES = "addresses_shown"
# As SQL over a row `m` of `mention`, never null.
IS_HEAD = "coalesce(m.role IN ('mail sender', 'mail recipient'), false)"
IS_SHOWN = "(coalesce(m.role, '') = 'mail recipient' AND coalesce(m.subject_kind, 'unknown') <> 'employee')"
# The same question of a mention `m` and an exposure `x`, for whoever asks row by row.
WENT = (
    "(x.locator IS NULL OR list_contains(m.mails, x.locator)) AND "
    f"CASE WHEN x.route = '{ADDRESSES}' THEN {IS_SHOWN} "
    f"WHEN x.route IN {SENDINGS} THEN NOT {IS_HEAD} ELSE true END"
)
