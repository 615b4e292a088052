from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_connected_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="distribution",
            name="link_asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
