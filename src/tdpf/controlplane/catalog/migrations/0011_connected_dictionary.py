from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_connect_anew"),
    ]

    operations = [
        migrations.AddField(
            model_name="distribution",
            name="dictionary",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="distribution",
            name="located",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
