"""Tables of operations: the audit log and its head."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One announced event, sealed: its hash covers its content and, by that, the hash of the entry before.

    The database itself refuses to change or delete entries (triggers, second migration).
    """

    sequence = models.BigIntegerField(primary_key=True)
    event_uid = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    sealed_at = models.DateTimeField()
    content = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """Searched by who, what, on what, and when."""

        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["actor", "sequence"], name="operations_audit_actor"),
            models.Index(fields=["subject", "sequence"], name="operations_audit_subject"),
            models.Index(fields=["name", "sequence"], name="operations_audit_name"),
            models.Index(fields=["occurred_at"], name="operations_audit_when"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.name}"


class ChainHead(models.Model):
    """The last sealed entry; the lock under which entries are sealed, and the witness of a cut-off end."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        """There is one head."""

        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="operations_one_head")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash}"
