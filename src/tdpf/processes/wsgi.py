"""The portal and the public API as one WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
application = get_wsgi_application()
