from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0010_saved_views'),
    ]

    operations = [
        migrations.AddField('sessionslot', 'browser', models.CharField(default='', max_length=24)),
        migrations.AddField('sessionslot', 'system', models.CharField(default='', max_length=24)),
    ]
