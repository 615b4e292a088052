"""What one member sends twice at once comes one after the other."""

from tdpf.controlplane.members.models import Member
from tdpf.controlplane.members.types import Standing


def one_after_another(actor: Standing) -> None:
    """Wait, inside a transaction, until nothing else that asks for this is under way for the same member."""
    Member.objects.select_for_update().filter(pk=actor.member_id).first()
