"""The portal and the public API as one WSGI application."""

import os
from urllib.parse import quote, urlsplit
from wsgiref.util import setup_testing_defaults

import django
from django.conf import settings

from tdpf.kit.lineage import die_with_parent
from tdpf.processes.draining import draining
from tdpf.processes.handing_over import handing_over
from tdpf.processes.handling import handling
from tdpf.processes.rings import look_seldom
from tdpf.processes.serving import give_socket_its_name
from tdpf.processes.taking_turns import taking_turns

_FIRST = ("/", f"/search?q={quote('避難所')}", f"/en/search?q={quote('避難所')}", f"/api/v1/search?q={quote('避難所')}")

_parent = os.environ.get("TDPF_SERVING_PARENT")
if _parent:
    die_with_parent(int(_parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
django.setup(set_prefix=False)

application = draining(taking_turns(handing_over(handling())))


def _warm_up() -> None:
    """Answer the first pages to nobody: dictionaries, index and templates are loaded before the first visitor comes."""
    public = urlsplit(settings.PUBLIC_URL)
    for address in _FIRST:
        path, _, query = address.partition("?")
        asked = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": public.netloc,
            "wsgi.url_scheme": public.scheme,
            "HTTP_X_FORWARDED_PROTO": public.scheme,
        }
        setup_testing_defaults(asked)
        answer = application(asked, lambda *_: lambda _: None)
        if hasattr(answer, "close"):
            answer.close()


_warm_up()
look_seldom()
give_socket_its_name()
