"""The words of exchange that are stored and sent: each one's meaning is said here once."""

from __future__ import annotations

from enum import StrEnum


class Access(StrEnum):
    """How the data are reached: freely, or under an agreement."""

    OPEN = "open"
    CONDITIONAL = "conditional"


class Audience(StrEnum):
    """Who may use the data."""

    ANYONE = "anyone"
    MEMBERS = "members"
    ORGANIZATIONS = "organizations"
    MUNICIPALITIES = "municipalities"
    NATIONAL_BODIES = "national_bodies"
    COMPANIES = "companies"
    UNIVERSITIES = "universities"
    NPOS = "npos"


class Purpose(StrEnum):
    """What the data may be used for; also what a request says it wants them for (then never ANY or CONSULT)."""

    ANY = "any"
    PUBLIC = "public"
    RESEARCH = "research"
    EDUCATION = "education"
    COMMERCIAL = "commercial"
    MEDICAL = "medical"
    DISASTER = "disaster"
    CONSULT = "consult"
    OTHER = "other"


class Region(StrEnum):
    """Where the data may be used."""

    ANY = "any"
    JAPAN = "japan"
    TOKYO = "tokyo"
    OTHER = "other"


class Redistribution(StrEnum):
    """Whether the data may be passed on as they are."""

    ALLOWED = "allowed"
    CONSULT = "consult"
    FORBIDDEN = "forbidden"


class SecondaryUse(StrEnum):
    """Whether works made from the data (二次利用) may be shared with others."""

    ALLOWED = "allowed"
    NONCOMMERCIAL = "noncommercial"
    CONSULT = "consult"
    FORBIDDEN = "forbidden"


class Disclosure(StrEnum):
    """How far inside and outside the consumer's house the data may be shown."""

    ANY = "any"
    GROUP = "group"
    COMPANY = "company"
    DEPARTMENT = "department"
    STAFF = "staff"
    CONSULT = "consult"


class Attribution(StrEnum):
    """Whether the source is to be named."""

    NONE = "none"
    REQUIRED = "required"


class Price(StrEnum):
    """What the use costs; paid offers come with billing."""

    FREE = "free"


class RatePlan(StrEnum):
    """How many calls a second the gateway admits; the names are those of `wire.rate_plans`."""

    R1 = "r1"
    R5 = "r5"
    R10 = "r10"
    R50 = "r50"
    R100 = "r100"


class Approval(StrEnum):
    """Whether a fitting request is sealed at once or waits for the provider."""

    AUTOMATIC = "automatic"
    REVIEWED = "reviewed"


class InformationManagement(StrEnum):
    """How carefully the consumer must keep the data (情報管理体制)."""

    NONE = "none"
    BASIC = "basic"
    CONTROLLED = "controlled"
    STRICT = "strict"


class OfferState(StrEnum):
    """The life of an offer."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWING = "withdrawing"
    SUSPENDED = "suspended"
    ENDED = "ended"


class RequestState(StrEnum):
    """The life of a request."""

    SUBMITTED = "submitted"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AgreementState(StrEnum):
    """The life of an agreement."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Answer(StrEnum):
    """What a provider says to a request."""

    ACCEPT = "accept"
    ASK = "ask"
    DECLINE = "decline"


class EndCause(StrEnum):
    """Why an agreement ended."""

    CONSUMER = "consumer"
    PERIOD = "period"
    WITHDRAWAL = "withdrawal"
    BREACH = "breach"


class QuotaPeriod(StrEnum):
    """After what time a quota begins anew: at midnight in Japan, or when the month in Japan ends."""

    DAY = "day"
    MONTH = "month"
