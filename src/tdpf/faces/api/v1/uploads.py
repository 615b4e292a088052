"""Handing in files: in one go, in parts that resume after a break, or by an address; then having them read.

Parts follow the resumable upload draft of the IETF (draft-ietf-httpbis-resumable-upload) in its header `Upload-Offset`.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import ValidationError

from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services as preparation_services
from tdpf.faces.api.credentials import actor_of, caller_of, writes_uploads
from tdpf.faces.api.problems import BodyUnreadable, MediaTypeNotSupported, OffsetMissing, PartTooLarge, RequestInvalid
from tdpf.faces.api.v1 import shapes

router = Router(tags=["uploads"], auth=writes_uploads)

LARGEST_PART = 64 * 1024 * 1024
_PIECE = 1024 * 1024
_PART_TYPES = ("application/offset+octet-stream", "application/partial-upload", "application/octet-stream")
