"""Putting right what another site states, or what the platform worked out, about a harvested dataset."""

from __future__ import annotations

from django.db import transaction

from tdpf.controlplane.catalog import errors, events, rules
from tdpf.controlplane.catalog.enriching.composing import enrich
from tdpf.controlplane.catalog.keeping import plain, unpacked_stated
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.verbs.datasets import locked_dataset, subject_of
from tdpf.controlplane.catalog.verbs.harvesting import columns_of, link_states_of
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now


def correct_dataset(*, actor: Standing, dataset_uid: str, field: str, value: object, reason: str = "") -> Dataset:
    """Put one field right; the correction wins over the source's words until it is taken back (`value` None).

    For editors of its publisher and for operators. `value` is as JSON: a list of codes, a text, a day in ISO 8601.
    Raises DatasetUnknown, NotHarvested, CorrectionRefused, and what `members.may_edit` or `may_operate` raises.
    """
    with transaction.atomic():
        dataset = locked_dataset(dataset_uid)
        if actor.is_operator:
            members.may_operate(actor)
        else:
            members.may_edit(actor, dataset.provider_id)
        stated = unpacked_stated(dataset.stated)
        if dataset.origin != Dataset.Origin.HARVESTED or stated is None:
            raise errors.NotHarvested(dataset=dataset.slug)
        corrected = dict(dataset.corrected)
        if value is None:
            corrected.pop(field, None)
        else:
            rules.must_be_correction(field, value)
            corrected[field] = {"value": plain(value), "by": actor.actor, "at": now().isoformat()}
        enriched = enrich(
            stated,
            publisher_area=dataset.publisher_area,
            corrected={name: item["value"] for name, item in corrected.items()},
        )
        links = link_states_of([dataset.pk])
        dataset.corrected = corrected
        dataset.recorded_at = now()
        for name, column in columns_of(enriched, links.get(dataset.pk, {})).items():
            setattr(dataset, name, column)
        dataset.save()
        announce(
            events.DatasetCorrected(
                actor=actor.actor, subject=subject_of(dataset), reason=reason, dataset_uid=dataset.uid, field=field
            )
        )
    return dataset
