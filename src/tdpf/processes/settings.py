"""Django settings of the control plane; everything that differs between installations comes from TDPF_* variables."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from tdpf.kit.home import assets, home
from tdpf.processes.databases import databases
from tdpf.processes.secrets import secret

HOME = home().prepare()
DEMO = os.environ.get("TDPF_DEMO", "") == "1"
PORT = int(os.environ.get("TDPF_PORT", "8080"))
PUBLIC_URL = os.environ.get("TDPF_URL", f"http://localhost:{PORT}").rstrip("/")
# Where the portal itself asks for rows: through the gateway, like everybody else.
GATEWAY_URL = os.environ.get("TDPF_GATEWAY_URL", f"http://127.0.0.1:{PORT}")
ALLOW_PRIVATE_FETCH = os.environ.get("TDPF_ALLOW_PRIVATE_FETCH", "") == "1"
# So many sites are read at the same time, each in a process of its own.
HARVEST_AT_ONCE = int(os.environ.get("TDPF_HARVEST_AT_ONCE", "2"))
# What is older goes each night; what tells where a dataset came from is never removed.
KEEP_RUNS_DAYS = int(os.environ.get("TDPF_KEEP_RUNS_DAYS", "365"))
KEEP_FAULTS_DAYS = int(os.environ.get("TDPF_KEEP_FAULTS_DAYS", "90"))
KEEP_LINKS_DAYS = int(os.environ.get("TDPF_KEEP_LINKS_DAYS", "365"))
KEEP_VISITORS_DAYS = int(os.environ.get("TDPF_KEEP_VISITORS_DAYS", "365"))

_public = urlsplit(PUBLIC_URL)
_host = _public.hostname or "localhost"

DEBUG = False
SECRET_KEY = secret(HOME, "django.key")
ALLOWED_HOSTS = [_host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "tdpf.processes.urls"
WSGI_APPLICATION = "tdpf.processes.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Before allauth: the portal's templates take the place of allauth's.
    "tdpf.faces.portal.apps.PortalConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "tdpf.djangokit.apps.DjangoKitConfig",
    "tdpf.controlplane.members.apps.MembersConfig",
    "tdpf.controlplane.catalog.apps.CatalogConfig",
    "tdpf.controlplane.community.apps.CommunityConfig",
    "tdpf.controlplane.preparation.apps.PreparationConfig",
    "tdpf.controlplane.exchange.apps.ExchangeConfig",
    "tdpf.controlplane.federation.apps.FederationConfig",
    "tdpf.controlplane.access.apps.AccessConfig",
    "tdpf.controlplane.metering.apps.MeteringConfig",
    "tdpf.controlplane.operations.apps.OperationsConfig",
    "tdpf.processes.apps.ProcessesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tdpf.djangokit.content_policy.ContentPolicyMiddleware",
    "tdpf.djangokit.own_pages.OwnPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tdpf.djangokit.odd_calls.OddCallsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Before allauth's: exceptions are offered from the last to the first, and allauth turns some of its own into pages.
    "tdpf.djangokit.problems.ProblemMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
# Programs bring a key with each call (processes/handling.py): no session, form, message or file of a page is theirs.
ONLY_FOR_PEOPLE = {
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tdpf.djangokit.own_pages.OwnPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tdpf.faces.portal.context.portal",
            ],
        },
    }
]

FORM_RENDERER = "tdpf.faces.portal.forms.rendering.PortalRenderer"

DATABASES = databases(HOME, os.environ.get("TDPF_DATABASE_URL"), os.environ.get("TDPF_LEDGER_URL"))
DATABASE_ROUTERS = ["tdpf.processes.databases.LedgerRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(HOME.root / "cache")},
    # What is the same on every page of a language is made once in a process.
    "frame": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "frame"},
}

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parents[1] / "faces/portal/locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

STATIC_URL = "/static/"
STATIC_ROOT = HOME.root / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [assets()] if assets().exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

EMAIL_BACKEND = os.environ.get(
    "TDPF_EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend"
    if DEMO or not os.environ.get("TDPF_SMTP_HOST")
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = str(HOME.mail)
EMAIL_HOST = os.environ.get("TDPF_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("TDPF_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("TDPF_SMTP_LOGIN", "")
EMAIL_HOST_PASSWORD = os.environ.get("TDPF_SMTP_PASSWORD", "")
# A letter is sent inside its job's transaction: on SQLite nobody else writes until the mail server has answered.
EMAIL_TIMEOUT = 10
EMAIL_USE_TLS = os.environ.get("TDPF_SMTP_TLS", "") == "1"
OPERATOR_CONTACT = os.environ.get("TDPF_CONTACT", "operator@example.jp" if DEMO else "")
DEFAULT_FROM_EMAIL = os.environ.get("TDPF_MAIL_FROM", f"TDPF <no-reply@{_host}>")

_secure = _public.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "tdpf.djangokit.forgery.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if _secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = [
    "tdpf.djangokit.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_TEMP_DIR = str(HOME.uploads)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

ACCOUNT_ADAPTER = "tdpf.controlplane.members.allauth_adapters.AccountAdapter"
MFA_ADAPTER = "tdpf.controlplane.members.allauth_adapters.MFAAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "tdpf.controlplane.members.sign_up_form.SignUpForm"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
# Mail scanners open links.
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
# Only in the browser that signed up.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# One address per member: a new one takes the old one's place when it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
# Otherwise a member with a second factor could never change the address; verification stays mandatory.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[TDPF] "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
# Name → allowed / period / counted by.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/60s/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
}
# Envoy appends the caller's address to X-Forwarded-For; before it stand the proxies in front of Envoy.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 + int(os.environ.get("TDPF_TRUSTED_PROXIES", "0"))
MFA_FORMS = {"activate_totp": "tdpf.controlplane.members.second_factor_form.AuthenticatorForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Signing in by passkey always asks for the person's verification, so it is two factors.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
# http://localhost is a secure origin already; True would switch the check of the origin off altogether.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
MFA_TOTP_ISSUER = "TDPF"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODES_SHOW_ONCE = False
USERSESSIONS_TRACK_ACTIVITY = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("TDPF_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
        # Too large a form is answered and logged as that (djangokit.problems); Django calls it an error, with a traceback.
        **{
            f"django.security.{fault}": {"level": "CRITICAL"}
            for fault in ("RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent")
        },
    },
}
