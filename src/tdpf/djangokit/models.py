"""What was announced, and what the worker has still to do."""

from __future__ import annotations

from django.db import models


class OutboxEvent(models.Model):
    """One announced event, written in the transaction that made it true; never changed but for `sealed_at`."""

    uid = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sealed_at", "id"], name="outbox_unsealed")]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class Job(models.Model):
    """One piece of work for the worker: done at least once, tried again with growing pauses, then left for a person."""

    handler = models.CharField(max_length=120)
    payload = models.JSONField()
    key = models.CharField(max_length=160, null=True, unique=True)
    run_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["failed_at", "run_at"], name="job_due")]

    def __str__(self) -> str:
        return f"{self.handler} at {self.run_at:%Y-%m-%d %H:%M}"


class Turn(models.Model):
    """When a periodic task ran last and runs next; one row per task."""

    name = models.CharField(max_length=120, primary_key=True)
    next_at = models.DateTimeField()
    last_run_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
