"""What the data plane asks of the control plane, on a socket of its own."""

import os

from django.core.wsgi import get_wsgi_application

from tdpf.kit.lineage import die_with_parent

_parent = os.environ.get("TDPF_SERVING_PARENT")
if _parent:
    die_with_parent(int(_parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "tdpf.processes.internal_settings"
application = get_wsgi_application()
