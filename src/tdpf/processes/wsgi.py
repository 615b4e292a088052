"""The portal and the public API as one WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from tdpf.kit.lineage import die_with_parent

_parent = os.environ.get("TDPF_SERVING_PARENT")
if _parent:
    die_with_parent(int(_parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
application = get_wsgi_application()
