"""How every form of the portal is drawn: label, need, help, field, error; named after DADS form controls."""

from django.forms.renderers import TemplatesSetting


class PortalRenderer(TemplatesSetting):
    """Set as FORM_RENDERER so that the account pages share it."""

    form_template_name = "portal/components/form.html"
    field_template_name = "portal/components/form-field.html"
