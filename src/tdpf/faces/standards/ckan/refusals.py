"""What an action may refuse, in CKAN's own words and status codes."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An action's refusal; `status` and `as_error` are what CKAN 2.12 answers (ckan/views/api.py)."""

    status = 400
    kind = ""

    def __init__(self, message: str = "") -> None:
        self.message = message
        super().__init__(message)

    def as_error(self) -> dict[str, Any]:
        """Return the `error` member of the answer."""
        return {"__type": self.kind, "message": self.message}


class NotFound(Refusal):
    """There is no such thing, or it is not for everybody."""

    status = 404
    kind = "Not Found Error"

    def as_error(self) -> dict[str, Any]:
        """Return the `error` member of the answer."""
        return {"__type": self.kind, "message": f"Not found: {self.message}" if self.message else "Not found"}


class NotAuthorized(Refusal):
    """The caller may not do this."""

    status = 403
    kind = "Authorization Error"

    def as_error(self) -> dict[str, Any]:
        """Return the `error` member of the answer."""
        return {"__type": self.kind, "message": f"Access denied: {self.message}" if self.message else "Access denied"}


class Invalid(Refusal):
    """A parameter is missing or wrong."""

    status = 409
    kind = "Validation Error"

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        super().__init__(message)

    def as_error(self) -> dict[str, Any]:
        """Return the `error` member of the answer: the messages under the parameter's name."""
        return {self.name: [self.message], "__type": self.kind}


class QueryInvalid(Refusal):
    """The words, filters or order of a search cannot be understood."""

    kind = "Search Query Error"

    def as_error(self) -> dict[str, Any]:
        """Return the `error` member of the answer."""
        return {"__type": self.kind, "message": f"Search Query is invalid: {self.message!r}"}


class SearchUnavailable(Refusal):
    """The search does not answer now."""

    status = 409
    kind = "Search Error"

    def as_error(self) -> dict[str, Any]:
        """Return the `error` member of the answer."""
        return {"__type": self.kind, "message": f"Search error: {self.message!r}"}
