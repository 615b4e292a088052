"""Problems: everything that can go wrong for a person or a program, with its cure (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tdpf.kit.text import Text

_REGISTRY: dict[str, type[Problem]] = {}


class Problem(Exception):
    """Something the caller can understand and mend; rendered once, at the edge.

    A subclass states `code` ("room/what-happened", never changed once published), `status` (HTTP), `title`, `detail`
    (a format string filled from the data fields) and `cure` (how to mend it, shown on `/problems/{code}`).
    A bug is not a Problem.
    """

    code: ClassVar[str] = ""
    status: ClassVar[int] = 400
    title: ClassVar[Text]
    detail: ClassVar[Text]
    cure: ClassVar[Text]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.code or "code" not in cls.__dict__:
            return
        known = _REGISTRY.get(cls.code)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two problems share the code {cls.code!r}: {known!r} and {cls!r}")
        _REGISTRY[cls.code] = cls

    def __init__(self, **data: object) -> None:
        self.data: dict[str, object] = data
        super().__init__(f"{self.code}: {self.detail_in('en')}")

    def title_in(self, language: str) -> str:
        """Return the title in the given language."""
        return self.title.in_(language)

    def detail_in(self, language: str) -> str:
        """Return the detail sentence in the given language with its data filled in."""
        return self.detail.filled(self.data).in_(language)

    def as_dict(self, language: str = "ja", instance: str | None = None) -> dict[str, object]:
        """Return the problem document of RFC 9457 §3, data fields as extension members."""
        document: dict[str, object] = {
            "type": f"/problems/{self.code}",
            "title": self.title_in(language),
            "status": self.status,
            "detail": self.detail_in(language),
            "cure": self.cure.filled(self.data).in_(language),
        }
        if instance is not None:
            document["instance"] = instance
        for name, value in self.data.items():
            document.setdefault(name, value)
        return {name: _sayable(value) for name, value in document.items()}


def _sayable(value: object) -> object:
    """Return what JSON in UTF-8 with numbers of 64 bits can say of a value that a stranger may have sent."""
    match value:
        case bool():
            return value
        case int():
            return value if -(1 << 63) <= value < 1 << 64 else str(value)
        case str():
            return value if value.isascii() else value.encode(errors="replace").decode()
        case Mapping():
            return {_sayable(name): _sayable(one) for name, one in value.items()}
        case list() | tuple():
            return [_sayable(one) for one in value]
    return value


def problem_classes() -> dict[str, type[Problem]]:
    """Return every known problem by its code; the pages at `/problems/{code}` are made from this."""
    return dict(sorted(_REGISTRY.items()))
