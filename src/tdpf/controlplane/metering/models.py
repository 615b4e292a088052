"""Tables of the ledger. They hold numbers and names only: the ledger is a database of its own."""

from django.db import models


class Segment(models.Model):
    """One file of a gateway's log: how far it has been taken in, and the chain of its lines."""

    gateway = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    offset = models.BigIntegerField(default=0)
    lines = models.BigIntegerField(default=0)
    malformed = models.BigIntegerField(default=0)
    chain = models.CharField(max_length=64, default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        """A segment is named once per gateway."""

        ordering = ["gateway", "name"]
        constraints = [models.UniqueConstraint(fields=["gateway", "name"], name="metering_segment_name")]
        indexes = [models.Index(fields=["gateway", "-last_at"], name="metering_segment_newest")]

    def __str__(self) -> str:
        return f"{self.gateway}/{self.name}"


class HourlyUse(models.Model):
    """Totals of one hour (JST). `calls` are admitted requests, `requests` are all of them."""

    day = models.IntegerField(help_text="JST days since 1970-01-01")
    hour = models.SmallIntegerField(help_text="0-23, JST")
    gateway = models.CharField(max_length=100)
    dataset = models.BigIntegerField()
    application = models.BigIntegerField()
    agreement = models.BigIntegerField()
    status_class = models.CharField(max_length=3)
    path_class = models.CharField(max_length=20)
    requests = models.BigIntegerField(default=0)
    calls = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    timed = models.BigIntegerField(default=0, help_text="calls whose time tells how fast they were answered")
    ms = models.BigIntegerField(default=0)
    within_10 = models.BigIntegerField(default=0)
    within_50 = models.BigIntegerField(default=0)
    within_200 = models.BigIntegerField(default=0)
    within_1000 = models.BigIntegerField(default=0)
    within_5000 = models.BigIntegerField(default=0)

    class Meta:
        """One row per hour and kind of use."""

        constraints = [
            models.UniqueConstraint(
                fields=[
                    "day",
                    "hour",
                    "gateway",
                    "dataset",
                    "application",
                    "agreement",
                    "status_class",
                    "path_class",
                ],
                name="metering_hourly_use",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "day"], name="metering_use_dataset"),
            models.Index(fields=["application", "day"], name="metering_use_application"),
            models.Index(fields=["agreement", "day"], name="metering_use_agreement"),
        ]

    def __str__(self) -> str:
        return f"{self.day}/{self.hour} {self.application}:{self.dataset}"


class CounterDay(models.Model):
    """The highest reading of one grant-table counter on one day (JST)."""

    gateway = models.CharField(max_length=100)
    agreement = models.BigIntegerField()
    application = models.BigIntegerField()
    dataset = models.BigIntegerField()
    day = models.IntegerField(help_text="JST days since 1970-01-01")
    used = models.BigIntegerField(default=0)

    class Meta:
        """One row per counter and day."""

        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "agreement", "application", "dataset", "day"], name="metering_counter_day"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="metering_counter_by_day")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.application}:{self.dataset} {self.day}"


class QuotaLease(models.Model):
    """What one gateway holds of one quota in one period, and what it had used when it last said so."""

    gateway = models.CharField(max_length=100)
    agreement = models.BigIntegerField()
    application = models.BigIntegerField()
    dataset = models.BigIntegerField()
    period = models.CharField(max_length=5, help_text="day or month")
    number = models.IntegerField(help_text="JST days since 1970-01-01, or year * 12 + month - 1")
    held = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    short_at = models.DateTimeField(null=True, help_text="when little was left for it")

    class Meta:
        """One row per quota, period and gateway."""

        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "application", "dataset", "period", "number", "gateway"], name="metering_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["short_at"], name="metering_lease_short"),
            models.Index(fields=["period", "number"], name="metering_lease_period"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.application}:{self.dataset} {self.period} {self.number}"


class Reconciliation(models.Model):
    """The comparison of one day's log totals with the counters, as last made."""

    day = models.IntegerField(unique=True, help_text="JST days since 1970-01-01")
    checked_at = models.DateTimeField()
    pairs = models.IntegerField(default=0)
    logged_calls = models.BigIntegerField(default=0)
    counted_calls = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.day)


class Difference(models.Model):
    """One pair of application and dataset whose log and counter disagree on a day."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="+")
    gateway = models.CharField(max_length=100)
    agreement = models.BigIntegerField()
    application = models.BigIntegerField()
    dataset = models.BigIntegerField()
    logged = models.BigIntegerField()
    counted = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.application}:{self.dataset} {self.logged}≠{self.counted}"


class InterestDay(models.Model):
    """How often something was looked for or looked at on one day; nobody's name, address or session stands here."""

    day = models.IntegerField(help_text="JST days since 1970-01-01")
    kind = models.CharField(max_length=16)
    dataset = models.BigIntegerField(default=0)
    words = models.CharField(max_length=100, default="")
    times = models.BigIntegerField(default=0)

    class Meta:
        """One row per day, kind, dataset and words."""

        constraints = [
            models.UniqueConstraint(fields=["day", "kind", "dataset", "words"], name="metering_interest_day"),
        ]
        indexes = [models.Index(fields=["dataset", "kind", "day"], name="metering_interest_dataset")]

    def __str__(self) -> str:
        return f"{self.kind} {self.dataset} {self.words}"
