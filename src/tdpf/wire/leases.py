"""How several gateways share one quota: each spends what it holds, and asks for more before that is spent.

What a gateway holds of a grant's day or month is the fill of its counter. The ledger keeps who holds what and never lets
the sum pass the limit, but for what each gateway begins with; so N gateways admit at most N - 1 calls too many, where
a quota is smaller than N, and leave at most what the others hold unspent (decision 32).
"""

from dataclasses import dataclass
from typing import Literal

from tdpf.wire.codec import MalformedMessage

Period = Literal["day", "month"]
_OPENINGS = 4


def opening(limit: int, gateways: int) -> int:
    """Return the calls of a quota that each of so many gateways may spend before it has asked: all of it for the only one,
    and 0 for 0, which is no limit.
    """
    return limit if gateways <= 1 or limit == 0 else max(1, limit // (_OPENINGS * gateways))


@dataclass(frozen=True)
class LeaseAsk:
    """What a gateway holds of one quota and has used of it; ``short`` asks for more.

    ``number`` is the JST day or month that ``period`` says; ``held`` and ``used`` count from its beginning.
    """

    gateway: str
    agreement: int
    application: int
    dataset: int
    period: Period
    number: int
    limit: int
    used: int
    held: int
    short: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.used <= self.held < 2**31 or not 0 < self.limit < 2**31:
            raise MalformedMessage("held", "must be at least what is used, and below 2147483648")
        if not 12 <= self.number < 2**16:
            raise MalformedMessage("number", "must be a day or month since the year 1, below 65536")


@dataclass(frozen=True)
class LeaseAnswer:
    """What the gateway holds from now on. ``spent``: nothing can come any more. ``recalled``: keep one call, give the rest."""

    agreement: int
    application: int
    dataset: int
    period: Period
    number: int
    held: int = 0
    spent: bool = False
    recalled: bool = False
