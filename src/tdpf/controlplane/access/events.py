"""What access announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdpf.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ApplicationRegistered(Event):
    """A consumer registered a program."""

    name: ClassVar[str] = "access.ApplicationRegistered"
    application: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class ApplicationEdited(Event):
    """Name or description of an application changed."""

    name: ClassVar[str] = "access.ApplicationEdited"
    application: str


@dataclass(frozen=True, kw_only=True)
class ApplicationClosed(Event):
    """An application was closed for good; its keys work no more."""

    name: ClassVar[str] = "access.ApplicationClosed"
    application: str


@dataclass(frozen=True, kw_only=True)
class KeyIssued(Event):
    """A key was issued; the key itself is nowhere."""

    name: ClassVar[str] = "access.KeyIssued"
    application: str
    key: str
    prefix: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KeyRevoked(Event):
    """A key was revoked."""

    name: ClassVar[str] = "access.KeyRevoked"
    application: str
    key: str
    prefix: str


@dataclass(frozen=True, kw_only=True)
class KeyRotated(Event):
    """A successor was issued and the old key was given an end."""

    name: ClassVar[str] = "access.KeyRotated"
    application: str
    key: str
    successor: str
    ends_at: str


@dataclass(frozen=True, kw_only=True)
class SettingChanged(Event):
    """The operator changed a setting that the gate obeys."""

    name: ClassVar[str] = "access.SettingChanged"
    setting: str
    value: str


@dataclass(frozen=True, kw_only=True)
class SourceConnected(Event):
    """A provider connected a source of data that is not a file, or changed how it is connected."""

    name: ClassVar[str] = "access.SourceConnected"
    dataset_uid: str
    distribution: str
    kind: str
    credential_changed: bool


@dataclass(frozen=True, kw_only=True)
class DeviceTokenIssued(Event):
    """A token to push into a stream with was issued; the token itself is nowhere."""

    name: ClassVar[str] = "access.DeviceTokenIssued"
    source: str
    token: str
    prefix: str


@dataclass(frozen=True, kw_only=True)
class DeviceTokenRevoked(Event):
    """A device's token was taken back."""

    name: ClassVar[str] = "access.DeviceTokenRevoked"
    source: str
    token: str
    prefix: str
