"""S3-compatible storage: signed requests (AWS Signature Version 4), listing, fetching; by `fetching` and by nothing else."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from urllib.parse import quote, urlsplit
from xml.parsers import expat

from tdpf.kit.errors import Problem
from tdpf.kit.fetching import Fetched, fetch
from tdpf.kit.text import Text

MOST_OBJECTS = 1000
_MOST_PAGES = 20
_MOST_LIST_BYTES = 4 << 20
_NOTHING = hashlib.sha256(b"").hexdigest()


class ListUnreadable(Problem):
    """The storage's list of objects is not what the protocol says."""

    code: ClassVar[str] = "buckets/list-unreadable"
    status: ClassVar[int] = 422
    title = Text("バケットの一覧を読めません", "The bucket's list cannot be read")
    detail = Text(
        "{bucket} の一覧が、S3の決まりの形ではありません。", "The list of {bucket} does not have the form that S3 has."
    )
    cure = Text(
        "ストレージのURLとバケットの名前を確かめてください。", "Check the storage's address and the bucket's name."
    )


class TooManyObjects(Problem):
    """More objects lie below the prefix than one table is made of."""

    code: ClassVar[str] = "buckets/too-many-objects"
    status: ClassVar[int] = 422
    title = Text("ファイルが多すぎます", "There are too many files")
    detail = Text("{bucket} に {most} を超えるファイルがあります。", "{bucket} has more than {most} files there.")
    cure = Text("プレフィックスで絞るか、まとめてください。", "Narrow the prefix, or put files together.")


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """Where a bucket is, and who asks; without `key_id` nothing is signed."""

    endpoint: str
    bucket: str
    region: str
    key_id: str = ""
    secret_key: str = ""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object; `etag` changes with its content."""

    key: str
    size: int
    etag: str


def signed_headers(access: BucketAccess, url: str, instant: datetime) -> dict[str, str]:
    """Return the headers that sign a GET of a URL (AWS Signature Version 4, header form)."""
    if not access.key_id:
        return {}
    parts = urlsplit(url)
    stamp = instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{access.region}/s3/aws4_request"
    signed = {"host": parts.netloc, "x-amz-content-sha256": _NOTHING, "x-amz-date": stamp}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    canonical = f"GET\n{parts.path or '/'}\n{query}\n{lines}\n{names}\n{_NOTHING}"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{access.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    del signed["host"]
    credential = f"AWS4-HMAC-SHA256 Credential={access.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**signed, "authorization": credential}


def list_objects(
    access: BucketAccess,
    *,
    prefix: str,
    suffix: str,
    timeout: float,
    instant: datetime,
    until: float | None = None,
    allow_private: bool = False,
) -> list[StoredObject]:
    """Return the objects below a prefix that end as `suffix` says, by key; empty ones are left out.

    `timeout` is in seconds for all pages, `until` as for `fetching.fetch`. Raises as `fetching.fetch`, ListUnreadable, TooManyObjects.
    """
    found: list[StoredObject] = []
    token, tokens = "", set[str]()
    latest = time.monotonic() + timeout
    until = latest if until is None else min(latest, until)
    while True:
        asked = {"list-type": "2", "max-keys": "1000", "prefix": prefix}
        asked |= {"continuation-token": token} if token else {}
        query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(asked.items()))
        url = f"{access.endpoint.rstrip('/')}/{access.bucket}?{query}"
        with TemporaryDirectory() as folder:
            got = fetch(
                url, into=Path(folder) / "list", max_bytes=_MOST_LIST_BYTES, timeout=timeout, until=until,
                headers=signed_headers(access, url, instant), allow_private=allow_private,
            )  # fmt: skip
            page, token = _read_list(got.path.read_bytes(), access.bucket)
        found += [one for one in page if one.key.endswith(suffix) and one.size > 0]
        if token in tokens:
            raise ListUnreadable(bucket=access.bucket)
        tokens.add(token)
        if len(found) > MOST_OBJECTS or (token and len(tokens) >= _MOST_PAGES):
            raise TooManyObjects(bucket=access.bucket, most=MOST_OBJECTS)
        if not token:
            return sorted(found, key=lambda one: one.key)


def fetch_object(
    access: BucketAccess, key: str, *, into: Path, max_bytes: int, timeout: float, instant: datetime,
    until: float | None = None, allow_private: bool = False,
) -> Fetched:  # fmt: skip
    """Fetch one object; raises as `fetching.fetch`."""
    url = f"{access.endpoint.rstrip('/')}/{access.bucket}/{quote(key, safe='/-_.~')}"
    headers = signed_headers(access, url, instant)
    return fetch(
        url, into=into, max_bytes=max_bytes, timeout=timeout, until=until, headers=headers, allow_private=allow_private
    )


def _read_list(data: bytes, bucket: str) -> tuple[list[StoredObject], str]:
    """Return the objects of one page of a list, and the token of the next; entities are not read."""
    reader = _ListReader()
    try:
        reader.read(data)
        return list(reader.objects()), reader.facts.get("NextContinuationToken", "")
    except (expat.ExpatError, ValueError):
        raise ListUnreadable(bucket=bucket) from None


class _ListReader:
    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
        self._found: list[dict[str, str]] = []
        self._path: list[str] = []
        self._text: list[str] = []

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = _refuse
        parser.Parse(data, True)
        if not self._path and "IsTruncated" not in self.facts and not self._found and b"ListBucketResult" not in data:
            raise ValueError("not a list")

    def objects(self) -> Iterator[StoredObject]:
        for one in self._found:
            yield StoredObject(one["Key"], int(one["Size"]), one.get("ETag", "").strip('"'))

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(" ")[2])
        self._text.clear()
        if self._path[-1] == "Contents":
            self._found.append({"Key": "", "Size": "0"})

    def _end(self, _name: str) -> None:
        name = self._path.pop()
        if self._path[-1:] == ["Contents"]:
            self._found[-1][name] = "".join(self._text)
        elif len(self._path) == 1:
            self.facts[name] = "".join(self._text)
        self._text.clear()


def _refuse(*_of_the_entity: object) -> None:
    raise ValueError("entities are not read")
