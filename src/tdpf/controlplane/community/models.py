"""The community's tables: what people say of datasets, what data they wish for, what they follow, and what is carried."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid


class Visitor(models.Model):
    """Somebody without an account who confirmed a mail address by a link; the address is shown to nobody.

    A name belongs to what was sent with it: whoever types somebody's address must not name them elsewhere.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    language = models.CharField(max_length=5, default="ja")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.uid


class Knock(models.Model):
    """A stranger sent something: a keyed hash of where from, kept for a day so that nobody floods the platform."""

    trace = models.CharField(max_length=64)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["trace", "at"], name="community_knock_trace"),)

    def __str__(self) -> str:
        return self.trace[:8]


class Feedback(models.Model):
    """A question, a correction or a reuse on a dataset, with where it points (`target`) and how far it has come.

    What a visitor wrote is `held` until the owner answers or the operator releases it; a reuse always is.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, null=True, blank=True)
    visitor_name = models.CharField(max_length=100, blank=True, default="")
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    target = models.JSONField(default=dict)
    url = models.CharField(max_length=1000, blank=True)
    reuse_kind = models.CharField(max_length=14, blank=True)
    state = models.CharField(max_length=11)
    visibility = models.CharField(max_length=6)
    hidden_reason = models.TextField(blank=True)
    said_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["dataset", "visibility", "-id"], name="community_feedback_dataset"),
            models.Index(fields=["state", "visibility", "id"], name="community_feedback_queue"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(member__isnull=True) ^ Q(visitor__isnull=True), name="community_feedback_one_author"
            ),
            models.CheckConstraint(
                condition=~Q(visibility="hidden") | ~Q(hidden_reason=""), name="community_hidden_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class FeedbackReply(models.Model):
    """One turn of a thread; `side` says who spoke: author, owner, holder (by a mail's page) or operator."""

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="replies")
    side = models.CharField(max_length=8)
    name = models.CharField(max_length=200)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=11, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.side} on {self.feedback_id}"


class Rating(models.Model):
    """What a member thinks of a dataset, one to five, with a word; one for each member and dataset."""

    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=200, blank=True)
    hidden_reason = models.TextField(blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["dataset", "member"], name="community_rating_once"),
            models.CheckConstraint(condition=Q(points__gte=1, points__lte=5), name="community_rating_one_to_five"),
        )

    def __str__(self) -> str:
        return f"{self.points} for {self.dataset_id}"


class DataRequest(models.Model):
    """A wish for data: not there, in no catalogue, or in a bad format (then `dataset` says which)."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    kind = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    text = models.TextField()
    use = models.TextField(blank=True)
    holder_name = models.CharField(max_length=200, blank=True)
    wanted_format = models.CharField(max_length=40, blank=True)
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    distribution_name = models.CharField(max_length=63, blank=True)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, null=True, blank=True)
    visitor_name = models.CharField(max_length=100, blank=True, default="")
    state = models.CharField(max_length=12)
    visibility = models.CharField(max_length=6)
    hidden_reason = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    published_url = models.CharField(max_length=1000, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["visibility", "state", "-id"], name="community_request_listed"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(member__isnull=True) ^ Q(visitor__isnull=True), name="community_request_one_author"
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="community_merged_says_where",
            ),
            models.CheckConstraint(
                condition=~Q(kind="format") | Q(dataset__isnull=False), name="community_format_has_dataset"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.uid})"


class DataRequestStep(models.Model):
    """One step in the life of a data request, as its page shows it; never changed."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=12)
    text = models.TextField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.state} of {self.request_id}"


class Vote(models.Model):
    """Somebody wants the data of a request too; one vote for each member or confirmed visitor."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, null=True, blank=True)
    confirmed = models.BooleanField(default=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(member__isnull=True) ^ Q(visitor__isnull=True), name="community_vote_one_voter"
            ),
            models.UniqueConstraint(
                fields=["request", "member"], condition=Q(member__isnull=False), name="community_member_votes_once"
            ),
            models.UniqueConstraint(
                fields=["request", "visitor"], condition=Q(visitor__isnull=False), name="community_visitor_votes_once"
            ),
        )

    def __str__(self) -> str:
        return f"for {self.request_id}"


class Confirmation(models.Model):
    """A link in a mail by which a visitor confirms what they sent; only the hash of its secret is kept."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE)
    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, null=True, blank=True)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, null=True, blank=True)
    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, null=True, blank=True)
    made_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.uid


class Errand(models.Model):
    """What the operator carries to the holder of data, a member or not: one thing, one mail address, one answer page.

    Of the page's secret only the hash is kept. `round` counts links: a revoked or resent one makes the older worthless.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, null=True, blank=True)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, null=True, blank=True)
    recipient_name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=5, default="ja")
    message = models.TextField(blank=True)
    round = models.PositiveIntegerField(default=1)
    sha256 = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8)
    sent_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    reminders = models.PositiveIntegerField(default=0)
    remind_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=12, blank=True)
    answer_text = models.TextField(blank=True)
    answer_url = models.CharField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "remind_at"], name="community_errand_due"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(feedback__isnull=True) ^ Q(request__isnull=True), name="community_errand_one_subject"
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False), name="community_answered_has_time"
            ),
        )

    def __str__(self) -> str:
        return f"to {self.recipient_name}"


class PlannedChange(models.Model):
    """A change of columns that the provider announces before it happens."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField()
    columns_added = models.JSONField(default=list)
    columns_removed = models.JSONField(default=list)
    text = models.TextField(blank=True)
    announced_by = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(default=now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.dataset_id} on {self.effective_on}"


class Follow(models.Model):
    """A member wants to be told of what happens under a `key`: a dataset, a publisher, a theme, a search, a request."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, default="dataset")
    key = models.CharField(max_length=80)
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    party = models.ForeignKey("members.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, null=True, blank=True)
    theme = models.CharField(max_length=32, blank=True)
    query = models.CharField(max_length=1000, blank=True)
    pace = models.CharField(max_length=6, default="once")
    since = models.DateTimeField(default=now)
    told_until = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["key", "pace"], name="community_follow_key"),)
        constraints = (models.UniqueConstraint(fields=["member", "key"], name="community_follow_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} follows {self.key}"


class News(models.Model):
    """One thing that happened under a key; followers, digests, feeds and webhooks all read from here.

    New entries of one run of matching are one row for each key, however many they are: `entries` names the first.
    """

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    once = models.CharField(max_length=120, unique=True)
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    title = models.JSONField()
    summary = models.JSONField()
    path = models.CharField(max_length=300)
    entries = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=now)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["key", "at"], name="community_news_key"),
            models.Index(fields=["told_at", "id"], name="community_news_untold"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Watermark(models.Model):
    """Up to where a periodic look at the catalog has come."""

    name = models.CharField(max_length=40, primary_key=True)
    number = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """An address that is called when something happens that its member follows; its secret is made anew each time."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=1000)
    round = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8)
    given_up = models.PositiveIntegerField(default=0)
    quiet_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    last_good_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.uid


class WebhookDelivery(models.Model):
    """One message to a webhook: what was sent, how often, and what came back; kept for a month."""

    uid = models.CharField(max_length=26, unique=True, default=new_uid, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=16)
    body = models.TextField()
    state = models.CharField(max_length=9)
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=now)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["webhook", "-id"], name="community_delivery_log"),)

    def __str__(self) -> str:
        return self.uid
