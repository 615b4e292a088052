"""Terms as an ODRL 2.2 policy in JSON-LD (W3C Recommendation, ODRL Information Model and Vocabulary)."""

from __future__ import annotations

from tdpf.controlplane.exchange.types import (
    Access,
    Approval,
    Attribution,
    Disclosure,
    InformationManagement,
    Purpose,
    Redistribution,
    Region,
    SecondaryUse,
    Terms,
)
from tdpf.controlplane.exchange.words import clauses

Node = dict[str, object]

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
_COUNTRY_JAPAN = "http://publications.europa.eu/resource/authority/country/JPN"


def policy(
    terms: Terms, *, policy_iri: str, target_iri: str, assigner_iri: str, vocabulary_iri: str, assignee_iri: str = ""
) -> Node:
    """Return the terms as an Offer, or with an assignee as an Agreement.

    Words that ODRL has no term for come from the platform's own vocabulary under `vocabulary_iri` (ending in "#" or
    "/"), bound to the prefix `tdpf`.
    """
    sealed = bool(assignee_iri)
    duties = _duties(terms)
    constraints = _constraints(terms)
    permissions = [_rule("use", constraints, duties)]
    prohibitions = []
    for action, allowed, consent in (
        ("distribute", terms.redistribution is Redistribution.ALLOWED, terms.redistribution is Redistribution.CONSULT),
        (
            "derive",
            terms.secondary_use in (SecondaryUse.ALLOWED, SecondaryUse.NONCOMMERCIAL),
            terms.secondary_use is SecondaryUse.CONSULT,
        ),
    ):
        if consent:
            permissions.append(
                _rule(action, constraints, [{"action": "obtainConsent", "consentingParty": assigner_iri}, *duties])
            )
        elif allowed:
            limits = list(constraints)
            if action == "derive" and terms.secondary_use is SecondaryUse.NONCOMMERCIAL:
                limits.append(_constraint("purpose", "neq", {"@id": "tdpf:purpose-commercial"}))
            permissions.append(_rule(action, limits, duties))
        else:
            prohibitions.append({"action": action})
    document: Node = {
        "@context": [CONTEXT, {"tdpf": vocabulary_iri, "dct": "http://purl.org/dc/terms/"}],
        "@type": "Agreement" if sealed else "Offer",
        "uid": policy_iri,
        "profile": vocabulary_iri.rstrip("#/"),
        "target": _target(terms, target_iri),
        "assigner": assigner_iri,
        "permission": permissions,
    }
    if sealed:
        document["assignee"] = assignee_iri
    elif terms.access is Access.CONDITIONAL:
        document["assignee"] = [
            {"@type": "PartyCollection", "source": f"tdpf:audience-{code.value}"} for code in terms.audience
        ]
    if prohibitions:
        document["prohibition"] = prohibitions
    document["tdpf:access"] = {"@id": f"tdpf:access-{terms.access.value}"}
    document["tdpf:ratePlan"] = {"@id": f"tdpf:rate-plan-{terms.rate_plan.value}"}
    document["tdpf:noticePeriod"] = {"@type": "xsd:duration", "@value": f"P{terms.notice_days}D"}
    if terms.access is Access.CONDITIONAL:
        document["tdpf:approval"] = {"@id": f"tdpf:approval-{Approval(terms.approval).value}"}
    document["dct:description"] = [
        {"@language": "ja", "@value": "\n".join(f"{c.heading.ja}: {c.sentence.ja}" for c in clauses(terms))},
        {"@language": "en", "@value": "\n".join(f"{c.heading.en}: {c.sentence.en}" for c in clauses(terms))},
    ]
    return document


def _rule(action: str, constraints: list[Node], duties: list[Node]) -> Node:
    rule: Node = {"action": action}
    if constraints:
        rule["constraint"] = constraints
    if duties:
        rule["duty"] = duties
    return rule


def _constraint(operand: str, operator: str, value: object, unit: str = "") -> Node:
    constraint: Node = {"leftOperand": operand, "operator": operator, "rightOperand": value}
    if unit:
        constraint["unit"] = unit
    return constraint


def _constraints(terms: Terms) -> list[Node]:
    found: list[Node] = []
    if Purpose.ANY not in terms.purposes:
        found.append(
            _constraint("purpose", "isAnyOf", [{"@id": f"tdpf:purpose-{code.value}"} for code in terms.purposes])
        )
    if Region.ANY not in terms.regions:
        places = [
            {"@id": _COUNTRY_JAPAN if code is Region.JAPAN else f"tdpf:region-{code.value}"} for code in terms.regions
        ]
        found.append(_constraint("spatial", "isAnyOf", places))
    if terms.period_start is not None:
        found.append(_constraint("dateTime", "gteq", _typed("xsd:date", terms.period_start.isoformat())))
    if terms.period_end is not None:
        found.append(_constraint("dateTime", "lteq", _typed("xsd:date", terms.period_end.isoformat())))
    if terms.period_months:
        found.append(_constraint("elapsedTime", "lteq", _typed("xsd:duration", f"P{terms.period_months}M")))
    if terms.quota_day:
        found.append(_constraint("count", "lteq", _typed("xsd:integer", str(terms.quota_day)), "tdpf:calls-per-day"))
    if terms.quota_month:
        found.append(
            _constraint("count", "lteq", _typed("xsd:integer", str(terms.quota_month)), "tdpf:calls-per-month")
        )
    if terms.disclosure is not Disclosure.ANY:
        found.append(_constraint("recipient", "isA", {"@id": f"tdpf:disclosure-{terms.disclosure.value}"}))
    return found


def _duties(terms: Terms) -> list[Node]:
    found: list[Node] = []
    if terms.attribution is Attribution.REQUIRED:
        duty: Node = {"action": "attribute"}
        if terms.attribution_text:
            duty["tdpf:attributionText"] = terms.attribution_text
        found.append(duty)
    if terms.information_management is not InformationManagement.NONE:
        keep: Node = {"action": f"tdpf:keep-{terms.information_management.value}"}
        if terms.information_management_note:
            keep["tdpf:note"] = terms.information_management_note
        found.append(keep)
    if terms.confidentiality:
        found.append({"action": "tdpf:keep-secret"})
    return found


def _typed(kind: str, value: str) -> Node:
    return {"@type": kind, "@value": value}


def _target(terms: Terms, iri: str) -> object:
    parts = (("tdpf:column", terms.columns), ("tdpf:area", terms.areas))
    narrowed = [_constraint(operand, "isAnyOf", list(values)) for operand, values in parts if values]
    return {"@type": "AssetCollection", "source": iri, "refinement": narrowed} if narrowed else iri
