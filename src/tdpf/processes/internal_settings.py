"""Settings of the internal API: the same rooms, other doors."""

from tdpf.processes.settings import *  # noqa: F403 - these are the portal's settings with two differences

ROOT_URLCONF = "tdpf.faces.api.internal.urls"
ALLOWED_HOSTS = ["*"]
# allauth refuses to start without its middleware, though nobody signs in here.
MIDDLEWARE = ["tdpf.djangokit.problems.ProblemMiddleware", "allauth.account.middleware.AccountMiddleware"]
