from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0004_names_and_quiet_webhooks"),
    ]

    operations = [
        migrations.RemoveField(model_name="visitor", name="name"),
    ]
