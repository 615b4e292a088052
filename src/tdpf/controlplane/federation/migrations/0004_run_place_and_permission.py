from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("federation", "0003_columns_tried"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="site",
            name="believes_losses",
        ),
        migrations.AddField(
            model_name="run",
            name="believes_losses",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="run",
            name="place",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
