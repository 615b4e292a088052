import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def name_runs(apps, _schema_editor):
    """Give each record the run that made of it what it is: the one that went on when it changed."""
    record, run = (apps.get_model("federation", name) for name in ("Record", "Run"))
    then = run.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=OuterRef("changed_at")))
    then = then.filter(site=OuterRef("site"), started_at__lte=OuterRef("changed_at")).order_by("-started_at")
    record.objects.update(changed_run=Subquery(then.values("pk")[:1]))
    # Until now an empty digest said that a record was to be shown anew.
    record.objects.filter(digest="").update(show_again=True)


class Migration(migrations.Migration):
    dependencies = [
        ("federation", "0003_rating_tried"),
    ]

    operations = [
        migrations.AddField(
            model_name="record",
            name="changed_run",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="federation.run"
            ),
        ),
        migrations.AddField(
            model_name="record",
            name="missing_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="record",
            name="show_again",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(name_runs, migrations.RunPython.noop),
    ]
