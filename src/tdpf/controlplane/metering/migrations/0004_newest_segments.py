from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("metering", "0003_how_fast"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(fields=["gateway", "-last_at"], name="metering_segment_newest"),
        ),
    ]
