"""The facts a decision may rest on: their names, what values they take, and which values say "not known".

The names and values are those of the shared cases (`meta.fact_vocabulary`); the tables `gdpr`, `uk_gdpr`, `korea`,
`hipaa` and `california` hold what only those laws ask. A fact within a table is named with
a dot (`my_number.included`). A fact that is not given is unknown, never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.case import CAUSES, CERTAINTIES, ENCRYPTIONS, ENTITY_KINDS, EVENTS, PURPOSES
from pipeline.decide.contradictions import contradictions
from pipeline.decide.knowing import Known
from pipeline.errors import FactError
from pipeline.law_days import day_in_japan

# Special care-required: ACT Art. 2(3), ORDER Art. 2, RULE Art. 5.
SPECIAL_CARE = (
    "medical_treatment_record", "health_check_result", "clinic_visit_fact", "dispensing_record",
    "health_guidance_fact", "religious_affiliation", "creed", "ethnic_origin", "social_status", "medical_history",
    "criminal_conviction", "arrest_as_suspect", "crime_victim_case_opened", "disability_certificate", "disability",
    "stress_check_result", "genetic_test_result", "juvenile_procedure",
)  # fmt: skip
CATEGORIES = (
    *SPECIAL_CARE,
    "health_check_attendance", "consumer_body_metrics", "religion_book_purchase", "nationality",
    "witness_examination", "occupation", "education", "sexual_orientation", "gender_identity", "pregnancy",
    "public_assistance", "poverty", "domestic_violence", "sexual_life", "credit_card_number_full",
    "credit_card_last4", "credit_card_expiry", "credit_card_security_code", "bank_account_number",
    "internet_banking_password", "login_id", "password_plain", "password_hashed", "service_payment_capable",
    "service_no_payment", "name", "name_kana", "date_of_birth", "age", "sex", "postal_address", "postal_code",
    "phone", "email", "sns_account", "customer_number", "employee_number", "internal_id", "my_number",
    "drivers_license_number", "passport_number", "residence_card_number", "identity_document", "pension_number",
    "health_insurance_number", "corporate_number", "affiliation", "job_title", "salary", "income", "family",
    "face_photograph", "purchase_history", "location", "ip_address", "cookie_id", "trade_secret", "other",
)  # fmt: skip
STRUCTURES = (
    "personal_data", "being_acquired_planned_personal_data", "pre_database_input_form_planned",
    "pre_database_input_form_not_planned", "personal_information_not_databased", "retained_personal_information",
    "pseudonymously_processed", "anonymously_processed", "person_related_information", "not_personal", "unknown",
)  # fmt: skip
_YES_NO = ("yes", "no", "unknown")
_RISKS = ("unlikely", "risk", "high", "unknown")
# What the laws of other jurisdictions ask and no evidence tells: each is unknown unless it is given.
_ABROAD = (
    "gdpr.applies", "gdpr.high_risk_averted", "gdpr.disproportionate_effort",
    "uk_gdpr.applies", "uk_gdpr.high_risk_averted", "uk_gdpr.disproportionate_effort",
    "korea.applies", "korea.sensitive_or_unique", "korea.outside_unlawful_access", "korea.traded_by_third_party",
    "korea.harm_averted", "hipaa.unsecured_phi", "hipaa.excluded_case", "hipaa.low_probability_shown",
    "california.personal_information", "california.acquired",
)  # fmt: skip
# Parts of the persons concerned that another law counts by themselves.
SUBSETS = ("korea.persons", "hipaa.persons", "hipaa.largest_state", "california.residents")
_OPEN = ("unknown", "missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactName:
    """A fact: its name, how its value is read, and the closed list of its values where there is one."""

    name: str
    kind: str
    choices: tuple[Any, ...] = ()


def _choice(name: str, *choices: str) -> FactName:
    return FactName(name=name, kind="choice", choices=choices)


def _each(kind: str, *names: str) -> tuple[FactName, ...]:
    return tuple(FactName(name=name, kind=kind) for name in names)


VOCABULARY: Mapping[str, FactName] = {
    one.name: one
    for one in (
        _choice("entity_kind", *ENTITY_KINDS),
        _choice("data_structure", *STRUCTURES),
        _choice("event", *EVENTS),
        _choice("event_certainty", *CERTAINTIES),
        _choice("cause", *CAUSES),
        _choice("improper_purpose", *PURPOSES),
        _choice("encryption", *ENCRYPTIONS),
        _choice("recovered_before_viewing", "confirmed", "unconfirmed", "no"),
        _choice("left_premises", *_YES_NO),
        _choice("egress_evidence", "found", "complete_and_negative", "missing", "partial"),
        _choice("attack_target", "self", "own", "business", "employee", "entrustee", "service_provider", "cloud_provider",
                "third_party_service", "individual", "customer", "user", "other", "unknown"),
        _choice("purpose", "reporting", "writing", "religious_activity", "political_activity", "other"),
        _choice("takedown", "pending", "done", "none"),
        _choice("entrustment.role", "none", "entruster", "entrustee"),
        _choice("entrustment.entruster_kind", *ENTITY_KINDS),
        _choice("my_number.included", *_YES_NO),
        _choice("my_number.entity_role", "利用事務実施者", "個人番号利用事務実施者", "関係事務実施者",
                "個人番号関係事務実施者", "none"),
        FactName(name="categories", kind="words", choices=CATEGORIES),
        FactName(name="candidate_categories", kind="words", choices=CATEGORIES),
        FactName(name="encryption_by_category", kind="protection"),
        FactName(name="knowledge", kind="knowledge"),
        FactName(name="count_history", kind="history"),
        FactName(name="entrustment.clients", kind="counts"),
        *_each("count", "persons_lower", "persons_upper", "records", "my_number.persons_lower",
               "my_number.persons_upper", *(f"{name}_{end}" for name in SUBSETS for end in ("lower", "upper"))),
        *_each("boolean", "identical_copy_kept", "public_exposure", "contains_art78_information", "contactable",
               "posted_online", "all_items_known", "deceased_about_living_relatives", "notice_cannot_help",
               "entrustment.entruster_under_duty", "entrustment.data_entrusted", "my_number.in_file",
               "my_number.in_system", "my_number.in_network_system", "my_number.viewable_by_unspecified_many",
               "my_number.improper_use", "my_number.improper_provision", "my_number.used_against_art9",
               "my_number.provided_against_art19"),
        *(_choice(name, *_YES_NO) for name in _ABROAD),
        _choice("gdpr.risk", *_RISKS),
        _choice("uk_gdpr.risk", *_RISKS),
        _choice("hipaa.role", "covered_entity", "business_associate", "neither", "unknown"),
        _choice("california.holder", "business", "agency", "maintainer", "neither", "unknown"),
        *_each("boolean", "rights_little_impaired"),
        *_each("date", "persons_notified_on", "known_date", "occurred_date", "preliminary_filed_on", "purpose_learned_on",
               "entrustment.notified_entruster_on", "entrustment.notified_by_entrustee_on"),
        *_each("instant", "known_at"),
        *_each("text", "delegated_sector"),
        FactName(name="evidence", kind="words"),
        FactName(name="ordinance_defines", kind="words"),
        *_each("incidents", "other_incident"),
        *_each("deceased", "deceased"),
    )
}  # fmt: skip
_TABLES = ("entrustment", "my_number", "gdpr", "uk_gdpr", "korea", "hipaa", "california")
DERIVED = ("entrustment.smallest_client", "entrustment.largest_client")


def checked(entity_kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts by dotted name, each value checked and read; a fact given as null is left out, being unknown.

    Raises:
        FactError: an unknown name, a value its fact does not take, or facts that contradict one another.
    """
    flat: dict[str, Any] = {"entity_kind": entity_kind}
    for name, value in facts.items():
        if name == "entity_kind":
            raise FactError("fact 'entity_kind' stands beside the facts, not among them")
        if name in _TABLES and value is not None:
            if not isinstance(value, Mapping):
                raise FactError(f"fact {name!r} must be a table, not {value!r}")
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    values = {name: _value(name, value) for name, value in flat.items() if value is not None}
    for said in contradictions(values, SUBSETS):
        raise FactError(said)
    if clients := values.get("entrustment.clients"):
        values["entrustment.smallest_client"] = min(clients)
        # Counts that fall short of all persons are lower bounds: then no client is known to be that small.
        if "persons_upper" in values and values["persons_upper"] <= sum(clients):
            values["entrustment.largest_client"] = max(clients)
    return values


def is_open(name: str, value: Any) -> bool:
    """Whether a value says that the fact is not known."""
    return value is None or (
        VOCABULARY[name].kind == "choice" and value in _OPEN if name in VOCABULARY else False
    )


def possible_values(name: str) -> tuple[Any, ...]:
    """The values a missing fact could turn out to have, where they are a closed list."""
    one = VOCABULARY.get(name)
    if one is None or name == "entity_kind":
        return ()
    if one.kind == "boolean":
        return (True, False)
    if one.kind == "choice":
        return tuple(value for value in one.choices if value not in _OPEN and value != "per_category")
    return ()


def _value(name: str, value: Any) -> Any:
    one = VOCABULARY.get(name)
    if one is None:
        raise FactError(
            f"fact {name!r} is not known; known: {', '.join(sorted(set(VOCABULARY) - {'entity_kind'}))}"
        )
    if one.kind == "choice":
        if value not in one.choices or not isinstance(value, str):
            raise FactError(f"fact {name!r} must be one of {', '.join(one.choices)}, not {value!r}")
        return value
    return _READERS[one.kind](name, value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FactError(f"fact {name!r} must be a whole number of at least 0, or null, not {value!r}")
    return value


def _boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FactError(f"fact {name!r} must be true, false or null, not {value!r}")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise FactError(f"fact {name!r} must be text, not {value!r}")
    return value


def _day(name: str, value: Any) -> date:
    """A date in Japan; an instant with offset is converted."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return day_in_japan(_instant(name, value))
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(_text(name, value))
    except ValueError as error:
        raise FactError(f"fact {name!r} must be a date such as 2026-06-01, not {value!r}") from error


def _instant(name: str, value: Any) -> datetime:
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(_text(name, value))
    except ValueError as error:
        raise FactError(
            f"fact {name!r} must be an instant such as 2026-06-01T00:30:00Z, not {value!r}"
        ) from error
    if instant.tzinfo is None:
        raise FactError(f"fact {name!r} must state its offset (Z or +09:00): {value!r} does not")
    return instant


def _words(name: str, value: Any) -> tuple[str, ...]:
    if (
        isinstance(value, str)
        or not isinstance(value, list | tuple)
        or not all(isinstance(one, str) for one in value)
    ):
        raise FactError(f"fact {name!r} must be a list of names, not {value!r}")
    known = VOCABULARY[name].choices
    for one in value:
        if known and one not in known:
            raise FactError(f"fact {name!r} has no value {one!r}; known: {', '.join(known)}")
    return tuple(value)


def _protection(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise FactError(f"fact {name!r} must be a table of categories, not {value!r}")
    states = [one for one in ENCRYPTIONS if one != "per_category"]
    for category, state in value.items():
        if category not in CATEGORIES or state not in states:
            raise FactError(
                f"fact {name!r}: {category!r} = {state!r} is no category with one of {', '.join(states)}"
            )
    return dict(value)


def _knowledge(name: str, value: Any) -> tuple[Known, ...]:
    """Departments and days, with the hour where an instant is given, from [department, day] or {department, at}."""
    if not isinstance(value, list | tuple):
        raise FactError(f"fact {name!r} must be a list of [department, day], not {value!r}")
    known = []
    for one in value:
        pair = (one.get("department", ""), one.get("at")) if isinstance(one, Mapping) else one
        if isinstance(pair, str) or not isinstance(pair, list | tuple) or len(pair) != 2:  # noqa: PLR2004
            raise FactError(f"fact {name!r} must hold pairs of department and day, not {one!r}")
        has_hour = isinstance(pair[1], datetime) or (isinstance(pair[1], str) and "T" in pair[1])
        at = _instant(name, pair[1]) if has_hour else None
        known.append(Known(department=str(pair[0]), day=_day(name, pair[1]), at=at))
    return tuple(known)


def _history(name: str, value: Any) -> tuple[tuple[date, int | None, int | None], ...]:
    """Days with bounds, from [day, number], [day, lower, upper] or {date, persons_lower, persons_upper}."""
    if not isinstance(value, list | tuple):
        raise FactError(f"fact {name!r} must be a list of [day, lower, upper], not {value!r}")
    steps = []
    for one in value:
        if isinstance(one, Mapping):
            if unknown := sorted(set(one) - {*_DAY_KEYS, *_NUMBER_KEYS, "persons_lower", "persons_upper"}):
                raise FactError(f"fact {name!r} has no {', '.join(unknown)}")
            day = next((one[key] for key in _DAY_KEYS if key in one), None)
            number = next((one[key] for key in _NUMBER_KEYS if key in one), None)
            row = [day, one.get("persons_lower", number), one.get("persons_upper", number)]
        elif isinstance(one, list | tuple) and len(one) in (2, 3):
            row = [one[0], one[1], one[-1]]
        else:
            raise FactError(f"fact {name!r} must hold [day, lower, upper], not {one!r}")
        bounds = [None if bound is None else _count(name, bound) for bound in row[1:]]
        if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
            raise FactError(
                f"fact {name!r} has the bounds {bounds[0]} and {bounds[1]} on {row[0]}: one is wrong"
            )
        steps.append((_day(name, row[0]), bounds[0], bounds[1]))
    return tuple(sorted(steps, key=lambda step: step[0]))


def _counts(name: str, value: Any) -> tuple[int, ...]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        raise FactError(f"fact {name!r} must be a list of numbers, not {value!r}")
    return tuple(_count(name, one) for one in value)


def _incidents(name: str, value: Any) -> tuple[dict[str, Any], ...]:
    """Other incidents: how many persons each touched, and whether it is one situation with this one."""
    found = []
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, str | bool):
            # Named without a number: it is told, and nothing of it is added.
            found.append({"related": False} if one is not False else {})
            continue
        table = one if isinstance(one, Mapping) else {"persons": one}
        if unknown := sorted(set(table) - {*_INCIDENT_KEYS, *_NUMBER_KEYS, *_DAY_KEYS}):
            raise FactError(f"fact {name!r} has no {', '.join(unknown)}; it has {', '.join(_INCIDENT_KEYS)}")
        number = next((table[key] for key in _NUMBER_KEYS if key in table), None)
        bounds = [table.get("persons_lower", number), table.get("persons_upper", number)]
        related = table.get("related", False)
        if not isinstance(related, bool) and related not in ("yes", "no", "unknown", None):
            raise FactError(f"fact '{name}.related' must be true, false, null or unknown, not {related!r}")
        related = related if isinstance(related, bool) else {"yes": True, "no": False}.get(related, "unknown")
        found.append(
            {"related": related}
            | {
                key: _count(f"{name}.{key}", bound)
                for key, bound in zip(("persons_lower", "persons_upper"), bounds, strict=True)
                if bound is not None
            }
        )
    return tuple(found)


def _deceased(name: str, value: Any) -> Any:
    """How many of the persons are dead: all (true), none (false), a number, or {persons, about_living_relatives}."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        if set(value) - {*_NUMBER_KEYS, "about_living_relatives"}:
            raise FactError(f"fact {name!r} has persons and about_living_relatives only, not {sorted(value)}")
        relatives = _boolean(f"{name}.about_living_relatives", value.get("about_living_relatives", False))
        number = next((value[key] for key in _NUMBER_KEYS if key in value), 0)
        return {"persons": _deceased(name, number), "about_living_relatives": relatives}
    return _count(name, value)


_DAY_KEYS = ("date", "on", "day", "known_date", "at")
_NUMBER_KEYS = ("persons", "count", "number")
_INCIDENT_KEYS = (
    "persons",
    "persons_lower",
    "persons_upper",
    "related",
    "known_date",
    "occurred_date",
    "description",
)
_READERS = {
    "count": _count, "boolean": _boolean, "text": _text, "date": _day, "instant": _instant, "words": _words,
    "protection": _protection, "knowledge": _knowledge, "history": _history, "counts": _counts, "deceased": _deceased,
    "incidents": _incidents,
}  # fmt: skip
