"""What the data plane asks of the control plane, on a socket of its own."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tdpf.processes.internal_settings"
application = get_wsgi_application()
