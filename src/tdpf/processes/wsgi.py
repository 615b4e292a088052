"""The portal and the public API as one WSGI application."""

import os
import threading

from django.core.wsgi import get_wsgi_application

from tdpf.kit.lineage import die_with_parent

_parent = os.environ.get("TDPF_SERVING_PARENT")
if _parent:
    die_with_parent(int(_parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
application = get_wsgi_application()


def _warm_up() -> None:
    """Load the dictionary of the search before the first visitor asks for it."""
    from django.db import connections

    from tdpf.controlplane.catalog import queries
    from tdpf.kit.errors import Problem

    try:
        queries.search("避難所", limit=1)
    except Problem:
        pass
    finally:
        connections.close_all()


# A little later: the first page itself should not wait for it.
_later = threading.Timer(4.0, _warm_up)
_later.daemon = True
_later.start()
