"""The weekly letter about dead links: one to each owner, whoever that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.queries import LinkedFile
from tdpf.controlplane.federation.models import DigestSent, Record
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import PartyKind, Role
from tdpf.djangokit.jobs import enqueue
from tdpf.kit.clock import now
from tdpf.kit.text import Text

MAIL = "federation.tasks.mail_link_digest"
EVERY = timedelta(days=7)
_AT_ONCE = 1000
_SHOWN = 50
_FAREWELL = Text("TDPF（東京データプラットフォーム）", "TDPF (Tokyo Data Platform)")


def send_link_digests() -> int:
    """Have owners of links told that are dead, at most once a week each; return how many letters are on their way.

    Whoever answers for several owners gets one letter about all of them.
    """
    by_party: dict[int, list[LinkedFile]] = {}
    for link in _dead_links():
        by_party.setdefault(link.provider_party_id, []).append(link)
    by_address: dict[str, tuple[str, list[LinkedFile]]] = {}
    for party_id, links in by_party.items():
        for address, language in dict(_readers(party_id, links)).items():
            by_address.setdefault(address, (language, []))[1].extend(links)
    return sum(_post(address, language, links) for address, (language, links) in by_address.items())


def _dead_links() -> Iterator[LinkedFile]:
    """Yield every dead link, the publishers' one after the other."""
    offset = 0
    while links := catalog.links_in_state(["broken"], offset=offset, limit=_AT_ONCE):
        yield from links
        offset += len(links)


def letter(links: Sequence[LinkedFile], *, public_url: str) -> tuple[Text, Text]:
    """Return subject and body of a digest."""
    count = len(links)
    lines_ja = [f"・{link.title.ja}（{link.part}）\n  {link.url}\n  {link.note.ja}" for link in links[:_SHOWN]]
    lines_en = [f"- {link.title.en} ({link.part})\n  {link.url}\n  {link.note.en}" for link in links[:_SHOWN]]
    pages = "\n".join(dict.fromkeys(f"{public_url}/datasets/{link.slug}" for link in links[:_SHOWN]))
    more_ja = f"\nほかに {count - _SHOWN} 件あります。" if count > _SHOWN else ""
    more_en = f"\nThere are {count - _SHOWN} more." if count > _SHOWN else ""
    return (
        Text(f"切れているリンクが {count} 件あります", f"{count} dead links"),
        Text(
            "公開されているデータのうち、次のリンクの先に、二日以上続けてデータがありませんでした。\n\n"
            + "\n".join(lines_ja)
            + f"{more_ja}\n\nデータのページ:\n{pages}\n\n直ると、次の確認で自動的に表示が戻ります。このお知らせは週に一度だけ送ります。"
            f"\n\n--\n{_FAREWELL.ja}\n",
            "Behind these links of published data there was nothing usable on two days or more.\n\n"
            + "\n".join(lines_en)
            + f"{more_en}\n\nPages of the data:\n{pages}\n\nOnce mended, they show as good after the next look. "
            f"This letter comes once a week at most.\n\n--\n{_FAREWELL.en}\n",
        ),
    )


@transaction.atomic
def _post(address: str, language: str, links: Sequence[LinkedFile]) -> bool:
    instant = now()
    DigestSent.objects.get_or_create(address=address)
    due = DigestSent.objects.select_for_update().get(address=address)
    if due.sent_at is not None and instant - due.sent_at < EVERY:
        return False
    subject, body = letter(links, public_url=settings.PUBLIC_URL)
    due.sent_at, due.links = instant, len(links)
    due.save(update_fields=["sent_at", "links"])
    enqueue(MAIL, {"address": address, "subject": f"[TDPF] {subject.in_(language)}", "body": body.in_(language)})
    return True


def _readers(party_id: int, links: Sequence[LinkedFile]) -> list[tuple[str, str]]:
    """Return who is told: members of the organisation, else the contact an operator gave for the publisher or the site.

    Else the operators: an address that a site merely states never asked for letters.
    """
    party = members.parties_by_id([party_id]).get(party_id)
    if party is not None and party.kind != PartyKind.PUBLISHER:
        found = [(member.email, member.language) for member in members.members_of_party(party_id, minimum=Role.EDITOR)]
        if found:
            return found
    publisher = members.publisher_of_party(party_id)
    if publisher is not None and publisher.contact_confirmed and publisher.contact_email:
        return [(publisher.contact_email, "ja")]
    uids = [link.dataset_uid for link in links]
    contact = (
        Record.objects.filter(dataset_uid__in=uids, site__standing="own")
        .exclude(site__contact_email="")
        .values_list("site__contact_email", flat=True)
        .first()
    )
    if contact:
        return [(contact, "ja")]
    return [(member.email, member.language) for member in members.operators()]
