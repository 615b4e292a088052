"""Secrets of what was withdrawn, purged or taken out before that alone made them be forgotten."""

from typing import Any

from django.db import migrations
from django.db.models import F, Q
from django.utils.timezone import now

from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import home
from tdpf.wire.codec import from_json
from tdpf.wire.sealing import Unsealable, unseal
from tdpf.wire.sources import ApiCredential

_GONE = Q(distribution__state="removed") | Q(distribution__dataset__state__in=("withdrawn", "purged"))


def forget_secrets(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  Django hands it over
    """Erase the sealed secrets of sources that nobody may ask any more, revoke their keys and tokens, and note that they are to be connected anew."""
    models = {name: apps.get_model("access", name).objects for name in ("SourceConnection", "DeviceToken", "ApiKey")}
    tokens = models["DeviceToken"].filter(revoked_at__isnull=True)
    parts, instant = set(), now()
    for row in models["SourceConnection"].filter(_GONE).select_related("distribution"):
        ended = _hash_of_key(row)
        if ended and models["ApiKey"].filter(sha256=ended, revoked_at__isnull=True).update(revoked_at=instant):
            parts.add(f"keys:{ended[:2]}")
        revoked = tokens.filter(source=row).update(revoked_at=instant)
        if revoked or row.kind == "gathered" or row.document.get("credential"):
            row.distribution.connect_anew = True
            row.distribution.save(update_fields=["connect_anew"])
            parts.add("streams" if row.kind == "stream" else "apis" if row.kind == "http_api" else "connected")
        if row.secret:
            row.secret = ""
            row.save(update_fields=["secret"])
    stamps = apps.get_model("access", "Stamp").objects
    if parts and stamps.filter(part="gate").update(value=F("value") + 1):
        reached = stamps.get(part="gate").value
        for part in parts:
            stamps.update_or_create(part=part, defaults={"value": reached})


def _hash_of_key(row: Any) -> str:
    """Return the hash of the key that a gathered table asks with; empty when nobody can open it."""
    path = home().secrets / "sources.key"
    if row.kind != "gathered" or not row.secret or not path.exists():
        return ""
    try:
        opened = unseal(bytes.fromhex(path.read_text().strip()), row.secret, bound_to=row.uid)
    except Unsealable:
        return ""
    return sha256_hex(from_json(ApiCredential, opened).value.encode())


class Migration(migrations.Migration):
    """Reading and writing rows only."""

    dependencies = [("access", "0004_columns_of_parts"), ("catalog", "0010_connect_anew")]

    operations = [migrations.RunPython(forget_secrets, migrations.RunPython.noop, elidable=True)]
