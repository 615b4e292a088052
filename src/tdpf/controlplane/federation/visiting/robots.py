"""robots.txt (RFC 9309): what a site lets an automatic reader ask for, and how fast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

MAX_BYTES = 500 * 1024
_LINE = re.compile(r"^\s*([A-Za-z-]+)\s*:\s*(.*?)\s*$")
_SAFE = "/*$?=&;:@+,!~'()-._%"


@dataclass(frozen=True, slots=True)
class _Rule:
    allow: bool
    length: int
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Robots:
    """What one site says to one reader; `crawl_delay` is in seconds, None when it says nothing."""

    rules: tuple[_Rule, ...] = ()
    crawl_delay: float | None = None
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Say whether the address may be asked for: the longest matching rule decides, and of equals the one that allows."""
        parts = urlsplit(url)
        target = _tidy(parts.path or "/") + (f"?{_tidy(parts.query)}" if parts.query else "")
        if target == "/robots.txt":
            return True
        best = max(
            (rule for rule in self.rules if rule.pattern.match(target)),
            key=lambda rule: (rule.length, rule.allow),
            default=None,
        )
        return best is None or best.allow


EVERYTHING = Robots()


def read_robots(text: str, agent: str) -> Robots:
    """Return what the file says to the reader whose product token is `agent`; groups of the same name are joined."""
    groups: dict[str, list[tuple[str, str]]] = {}
    current: list[str] = []
    sitemaps: list[str] = []
    in_rules = False
    for line in text.lstrip("\ufeff").splitlines()[:50_000]:
        found = _LINE.match(line.split("#", 1)[0])
        if not found:
            continue
        name, value = found[1].lower(), found[2]
        if name == "sitemap":
            sitemaps.append(value)
        elif name == "user-agent":
            current = [] if in_rules else current
            in_rules = False
            current.append(_token(value))
            groups.setdefault(current[-1], [])
        elif name in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            for who in current:
                groups[who].append((name, value))
    lines = groups.get(_token(agent), groups.get("*", []))
    rules = tuple(
        _Rule(name == "allow", len(_tidy(value)), _pattern(value))
        for name, value in lines
        if value and name != "crawl-delay"
    )
    return Robots(rules, _delay([value for name, value in lines if name == "crawl-delay"]), tuple(sitemaps))


def _token(value: str) -> str:
    """Return the product token of an agent's name in lower case, "*" for everybody."""
    value = value.strip()
    if value == "*":
        return "*"
    found = re.match(r"[A-Za-z_-]+", value)
    return found[0].lower() if found else value.lower()


def _delay(values: list[str]) -> float | None:
    for value in values:
        try:
            delay = float(value)
        except ValueError:
            continue
        if 0 <= delay < 86_400:
            return delay
    return None


def _tidy(path: str) -> str:
    """Write a path so that equal ones look equal: percent-encoding undone where it is not needed, then done alike."""
    kept = re.sub(r"%(2[fF]|2[aA]|24|3[fF]|25)", lambda found: "%25" + found[1].upper(), path)
    return quote(unquote(kept, errors="replace"), safe=_SAFE)


def _pattern(value: str) -> re.Pattern[str]:
    value = _tidy(value[:2000])
    ends = value.endswith("$")
    parts = re.sub(r"\*+", "*", value[:-1] if ends else value).split("*")
    # Every star is matched as early as it can be (atomic), so that no pattern takes more than linear time.
    middle = "".join(f"(?>.*?{re.escape(part)})" for part in parts[1:-1])
    last = ""
    if len(parts) > 1:
        last = f".*{re.escape(parts[-1])}" if ends else f".*?{re.escape(parts[-1])}"
    return re.compile(re.escape(parts[0]) + middle + last + ("$" if ends else ""), re.DOTALL)
