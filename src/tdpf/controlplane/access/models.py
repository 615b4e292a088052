"""Tables of access: applications, keys, column views, the stamp and the nodes that follow it."""

from django.db import models

APPLICATION_STATES = [("active", "利用中"), ("suspended", "停止中"), ("closed", "終了")]
KEY_KINDS = [("key", "APIキー"), ("token", "アクセストークン")]


class Application(models.Model):
    """A consumer's program (利用アプリ). On the wire its number is 1000 + id."""

    uid = models.CharField(max_length=26, unique=True)
    owner = models.ForeignKey("members.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=APPLICATION_STATES, default="active")
    is_portal = models.BooleanField(default=False)
    created_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open application of a name per owner; one portal at most, which alone belongs to nobody."""

        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=~models.Q(state="closed"), name="access_application_name"
            ),
            models.UniqueConstraint(fields=["is_portal"], condition=models.Q(is_portal=True), name="access_one_portal"),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | models.Q(is_portal=True), name="access_application_owned"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """An opaque key, or a token of minutes minted from one; only the SHA-256 of it is kept."""

    uid = models.CharField(max_length=26, unique=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    kind = models.CharField(max_length=5, choices=KEY_KINDS, default="key")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    scopes = models.JSONField(default=list)
    reads_data = models.BooleanField(default=True)
    created_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Tokens always expire; a token knows the key it came from."""

        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "expires_at"], name="access_key_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="key", parent__isnull=True)
                | models.Q(kind="token", parent__isnull=False, expires_at__isnull=False),
                name="access_token_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"tdpf_{self.prefix}…"


class SourceConnection(models.Model):
    """How the platform reaches data that stay with their provider (接続): a document, and beside it the sealed secret."""

    uid = models.CharField(max_length=26, unique=True)
    distribution = models.OneToOneField("catalog.Distribution", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    document = models.JSONField()
    secret = models.TextField(blank=True, default="")
    changed_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", null=True)
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True, blank=True)
    tested = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.kind}:{self.uid}"


class DeviceToken(models.Model):
    """What a device pushes into a stream with (送信トークン); only its SHA-256 is kept."""

    uid = models.CharField(max_length=26, unique=True)
    source = models.ForeignKey(SourceConnection, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    created_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"tdpfp_{self.prefix}…"


class View(models.Model):
    """A set of columns, and of areas, of one dataset that some agreement covers; its id is the view number on the wire."""

    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    columns_sha256 = models.CharField(max_length=64)
    columns = models.JSONField()
    areas = models.JSONField(default=list)

    class Meta:
        """One view per dataset and distinct set of columns."""

        constraints = [models.UniqueConstraint(fields=["dataset", "columns_sha256"], name="access_view_columns")]

    def __str__(self) -> str:
        return f"{self.dataset_id}:{self.columns_sha256[:8]}"


class Stamp(models.Model):
    """How often something that concerns the gate has changed, per part of the snapshot.

    The row `gate` is the stamp that nodes watch; `grants`, `keys:3f` (a shard) or `slot:1005:17` (one application and dataset)
    say at which stamp that part last changed; `origin` is a random number that tells one database from another.
    """

    part = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.part}={self.value}"


class GateNode(models.Model):
    """A gateway or delivery node as it last reported itself."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20)
    applied_stamp = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    health = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class OperatorSetting(models.Model):
    """One choice of the operator that the gate obeys, by name."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
    changed_by = models.CharField(max_length=26)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
