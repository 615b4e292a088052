"""A web address as a QR code, drawn as SVG."""

from __future__ import annotations

import base64
import io

import qrcode
from qrcode.image.svg import SvgPathImage


def data_uri(address: str) -> str:
    """Return the code as a `data:` address for an img element."""
    out = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, box_size=16, border=4).save(out)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
