from django.db import migrations


def forwards(apps, schema_editor):
    from middleground.kernel import append_only

    append_only.install(schema_editor.connection)


def backwards(apps, schema_editor):
    from middleground.kernel import append_only

    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
