"""Where files of kept tables come from: an address, or a bucket. Each says whether anything changed before it is fetched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tdpf.kit.buckets import BucketAccess, fetch_object, list_objects
from tdpf.kit.certificates import client_context
from tdpf.kit.clock import now
from tdpf.kit.fetching import TooLarge, fetch
from tdpf.kit.hashing import canonical_json, sha256_file, sha256_hex
from tdpf.wire.connected import BucketPlace, FilePlace
from tdpf.wire.sources import ApiCredential

_LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """Files that were fetched: their contents' hash, and the validators to ask with next time."""

    files: tuple[Path, ...]
    content: str
    validators: dict[str, str]


class Origin(Protocol):
    """Something that has files."""

    def fetch_if_changed(self, folder: Path, validators: dict[str, str]) -> Arrived | None:
        """Fetch into `folder`, or return None when nothing has changed since `validators`; raises what fetching raises."""
        ...


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """A file at an address (RFC 9110 §13: If-None-Match, If-Modified-Since)."""

    place: FilePlace
    credential: ApiCredential | None
    seconds: int
    most_bytes: int
    allow_private: bool

    def fetch_if_changed(self, folder: Path, validators: dict[str, str]) -> Arrived | None:
        """Fetch the file unless it says that it is the one that is known."""
        url, headers = (self.place.url, {}) if self.credential is None else self.credential.given_to(self.place.url)
        if validators.get("etag"):
            headers["if-none-match"] = validators["etag"]
        elif validators.get("last_modified"):
            headers["if-modified-since"] = validators["last_modified"]
        fetched = fetch(
            url, into=folder / "file", max_bytes=self.most_bytes, timeout=_patience(self.seconds),
            allow_private=self.allow_private, headers=headers, shown_url=self.place.url.partition("?")[0],
            context=client_context("", self.credential.shown if self.credential else ""),
        )  # fmt: skip
        if fetched.status == 304:
            return None
        kept = {"etag": fetched.etag, "last_modified": fetched.last_modified}
        return Arrived(
            (fetched.path,), sha256_file(fetched.path), {name: value for name, value in kept.items() if value}
        )


@dataclass(frozen=True, slots=True)
class BucketOrigin:
    """Objects below a prefix; the list of their entity tags says whether anything changed.

    `turn` waits, until an instant at the latest, for the next call that the provider's pace allows.
    """

    place: BucketPlace
    credential: ApiCredential | None
    seconds: int
    most_bytes: int
    allow_private: bool
    turn: Callable[[float], None]

    def fetch_if_changed(self, folder: Path, validators: dict[str, str]) -> Arrived | None:
        """List the objects, and fetch them unless the list is the one that is known."""
        place, asking = self.place, self.credential
        access = BucketAccess(
            place.endpoint, place.bucket, place.region, asking.name if asking else "", asking.value if asking else ""
        )
        seconds = _patience(self.seconds)
        until = time.monotonic() + seconds
        found = list_objects(
            access, prefix=place.prefix, suffix=place.suffix, timeout=seconds, until=until,
            instant=now(), allow_private=self.allow_private,
        )  # fmt: skip
        listed = sha256_hex(canonical_json([[one.key, one.size, one.etag] for one in found]))
        if validators.get("list") == listed:
            return None
        if sum(one.size for one in found) > self.most_bytes:
            raise TooLarge(url=f"{place.endpoint}/{place.bucket}", limit_bytes=self.most_bytes)
        files, left = [], self.most_bytes
        for number, one in enumerate(found):
            self.turn(until)
            fetched = fetch_object(
                access, one.key, into=folder / f"{number}", max_bytes=left, timeout=seconds, until=until,
                instant=now(), allow_private=self.allow_private,
            )  # fmt: skip
            left -= fetched.size
            files.append(fetched.path)
        content = sha256_hex(canonical_json([sha256_file(path) for path in files]))
        return Arrived(tuple(files), content, {"list": listed})


def _patience(seconds: int) -> float:
    """A caller waits `seconds`; what is fetched for the next one may take longer."""
    return min(_LONGEST_SECONDS, seconds * 10.0)
