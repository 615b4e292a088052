"""What a browser may do with an answer of `/data`: show it, in our own style where it is a page of ours, and save a file; run nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

STYLE = (
    ":root{color-scheme:light}body{margin:0;color:#1a1a1a;background:#fff;line-height:1.7;overflow-wrap:anywhere;"
    'font-family:"Noto Sans JP",-apple-system,BlinkMacSystemFont,"Hiragino Sans","Yu Gothic",sans-serif}'
    "header,main{max-width:72rem;margin:auto;padding:.75rem 1.5rem}header{border-bottom:1px solid #ccc;max-width:none}"
    "header a{margin-right:1.5rem}header a:first-child{font-weight:700}h1{font-size:1.75rem;line-height:1.4;margin:1rem 0}"
    "a{color:#0017c1;text-underline-offset:.2em}a:visited{color:#8b008b}"
    ":focus-visible{outline:4px solid #000;outline-offset:2px;box-shadow:0 0 0 2px #ffd43d;border-radius:4px}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0}"
    "th,td{border:1px solid #ccc;padding:.4rem .75rem;text-align:start;vertical-align:top;overflow-wrap:normal;min-width:4em}"
    "th{background:#f8f8fb}nav ul,.formats{padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem}"
)
"""The whole style of the pages of `/data`; it stands in each of them and is known to the browser by its hash."""

CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; sandbox allow-downloads"
"""Without `allow-downloads` a browser refuses to save what a page of `/data` links to (HTML §7.6.3)."""
