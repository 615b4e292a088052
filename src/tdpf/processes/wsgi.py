"""The portal and the public API as one WSGI application."""

import gc
import os
from urllib.parse import quote, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tdpf.kit.lineage import die_with_parent
from tdpf.processes.draining import draining
from tdpf.processes.serving import give_socket_its_name

_FIRST = ("/", f"/search?q={quote('避難所')}", f"/en/search?q={quote('避難所')}", f"/api/v1/search?q={quote('避難所')}")

_parent = os.environ.get("TDPF_SERVING_PARENT")
if _parent:
    die_with_parent(int(_parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
application = draining(get_wsgi_application())


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
# The program itself is never garbage: looking through it takes longer than any answer. A search makes some ten thousand
# objects that go by themselves; rings are looked for seldom, and never among so many at once that a visitor waits for it.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 2, 10)
give_socket_its_name()
