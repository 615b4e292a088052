from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_publishers"),
    ]

    operations = [
        migrations.AddField(
            model_name="publisher",
            name="contact_confirmed",
            field=models.BooleanField(default=False),
        ),
    ]
