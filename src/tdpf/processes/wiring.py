"""Who is told of what: the one place where announced events meet those who act on them."""

from __future__ import annotations

from tdpf.controlplane.access import services as access
from tdpf.controlplane.access import tasks as access_tasks
from tdpf.controlplane.catalog import events as catalog
from tdpf.controlplane.catalog import tasks as catalog_tasks
from tdpf.controlplane.community import events as community
from tdpf.controlplane.community import services as community_services
from tdpf.controlplane.community import tasks as community_tasks
from tdpf.controlplane.exchange import events as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange import tasks as exchange_tasks
from tdpf.controlplane.federation import tasks as federation_tasks
from tdpf.controlplane.members import events as members
from tdpf.controlplane.members import tasks as members_tasks
from tdpf.controlplane.metering import tasks as metering_tasks
from tdpf.controlplane.operations import tasks as operations_tasks
from tdpf.controlplane.preparation import events as preparation
from tdpf.controlplane.preparation import tasks as preparation_tasks
from tdpf.djangokit import forgery
from tdpf.djangokit.outbox import on_announce, subscribe
from tdpf.faces.api.internal import problems as internal_problems
from tdpf.kit.events import Event
from tdpf.wire import connected_problems, delivery_problems, problems, start_problems, stream_problems

# A room's tasks register their handlers when they are imported.
TASKS = (
    access_tasks,
    catalog_tasks,
    community_tasks,
    exchange_tasks,
    federation_tasks,
    members_tasks,
    metering_tasks,
    operations_tasks,
    preparation_tasks,
)

# Imported so that the pages at /problems/… know what is answered elsewhere than in the process that shows them.
PROBLEMS_OF_OTHER_PARTS = (
    connected_problems,
    delivery_problems,
    forgery,
    internal_problems,
    problems,
    start_problems,
    stream_problems,
)

# What the search index must show a moment later.
CHANGES_THE_INDEX: tuple[type[Event], ...] = (
    catalog.MetadataEdited,
    catalog.SlugChanged,
    catalog.DistributionChanged,
    catalog.VersionPublished,
    catalog.VersionPurged,
    catalog.DatasetPublished,
    catalog.DatasetWithdrawn,
    catalog.DatasetPurged,
    catalog.TermsFacetsSet,
    catalog.DatasetCorrected,
)
BATCHES_CHANGE_THE_INDEX: tuple[type[Event], ...] = (
    catalog.HarvestedPut,
    catalog.HarvestedRetired,
    catalog.HarvestedMerged,
    catalog.PlacesSet,
    catalog.LinksChecked,
)

LETTERS: tuple[tuple[type[Event], str], ...] = (
    (members.MemberInvited, "members.tasks.mail_invitation"),
    (members.OrganizationApplied, "members.tasks.mail_application"),
    (members.OrganizationReviewed, "members.tasks.mail_review_result"),
    (members.PartySuspended, "members.tasks.mail_suspension"),
    (members.SuspensionEnded, "members.tasks.mail_suspension_ended"),
    (community.FeedbackSubmitted, "community.tasks.mail_feedback"),
    (community.FeedbackReplied, "community.tasks.mail_feedback"),
    (community.FeedbackAnswered, "community.tasks.mail_feedback_answered"),
    (community.DataRequested, "community.tasks.tell_desk"),
    (community.DataRequestMoved, "community.tasks.mail_request_moved"),
    (community.ErrandAnswered, "community.tasks.tell_desk"),
    (preparation.MergeRenewed, "preparation.tasks.mail_renewal"),
    (preparation.MergeHindered, "preparation.tasks.mail_renewal"),
    (preparation.ScreeningDecided, "preparation.tasks.mail_screening_decided"),
    (exchange.RequestSubmitted, "exchange.tasks.mail_request_submitted"),
    (exchange.RequestReplied, "exchange.tasks.mail_request_replied"),
    (exchange.RequestWithdrawn, "exchange.tasks.mail_request_withdrawn"),
    (exchange.RequestAnswered, "exchange.tasks.mail_request_answered"),
    (exchange.AgreementSealed, "exchange.tasks.mail_agreement_sealed"),
    (exchange.AgreementEnded, "exchange.tasks.mail_agreement_ended"),
    (exchange.AgreementSuspended, "exchange.tasks.mail_agreement_suspended"),
    (exchange.AgreementSuspensionLifted, "exchange.tasks.mail_agreement_suspension_lifted"),
    (exchange.BreachReported, "exchange.tasks.mail_breach_reported"),
    (exchange.QuotaReached, "exchange.tasks.mail_quota_reached"),
    (exchange.WithdrawalNoticed, "exchange.tasks.mail_withdrawal_noticed"),
    (exchange.WithdrawalTakenBack, "exchange.tasks.mail_withdrawal_taken_back"),
    (exchange.OfferSuspended, "exchange.tasks.mail_offer_suspended"),
    (exchange.OfferSuspensionLifted, "exchange.tasks.mail_offer_suspension_lifted"),
)


def wire_events() -> None:
    """Subscribe every handler and hook; called once per process when Django is ready."""
    for gate_event in access.GATE_EVENTS:
        on_announce(gate_event, access.note_change)
    on_announce(catalog.DistributionChanged, access.forget_secrets)
    on_announce(catalog.DatasetWithdrawn, access.forget_secrets)
    on_announce(catalog.DatasetPurged, access.forget_secrets)
    for event in CHANGES_THE_INDEX:
        subscribe(event, "catalog.tasks.index_dataset")
    for event in BATCHES_CHANGE_THE_INDEX:
        subscribe(event, "catalog.tasks.index_batch")
    subscribe(catalog.VersionPublished, "community.tasks.tell_of_version")
    subscribe(catalog.VersionPublished, "preparation.tasks.renew_fed_by")
    subscribe(catalog.TableLost, "preparation.tasks.rebuild_lost")
    subscribe(preparation.UploadUsed, "preparation.tasks.note_used")
    subscribe(preparation.UploadUsed, "preparation.tasks.rate_version")
    for corrected in (catalog.MetadataEdited, catalog.DatasetCorrected):
        subscribe(corrected, "community.tasks.tell_of_description")
    subscribe(catalog.HarvestedPut, "community.tasks.tell_of_harvested")
    subscribe(catalog.HarvestedRetired, "community.tasks.tell_of_harvested")
    for described in (catalog.DatasetPublished, catalog.MetadataEdited):
        subscribe(described, "federation.tasks.match_registered")
    subscribe(community.ColumnChangeAnnounced, "community.tasks.tell_of_column_change")
    subscribe(exchange.WithdrawalNoticed, "community.tasks.tell_of_notice")
    subscribe(catalog.DatasetWithdrawn, "community.tasks.tell_of_withdrawal")
    for event in (members.ProfileEdited, members.OrganizationEdited):
        subscribe(event, "catalog.tasks.index_provider")
    for event, handler in LETTERS:
        subscribe(event, handler)
    on_announce(catalog.HarvestedMerged, community_services.move_to_merged)
    on_announce(catalog.VersionPublished, exchange_services.refuse_unwarranted_version)
