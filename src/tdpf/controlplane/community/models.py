"""The community's tables: who follows which dataset."""

from __future__ import annotations

from django.db import models

from tdpf.kit.clock import now


class Follow(models.Model):
    """A member wants to be told when a dataset changes."""

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["member", "dataset"], name="community_follow_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} follows {self.dataset_id}"
