from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_mending_asked_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="distribution",
            name="connect_anew",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
