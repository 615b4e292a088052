"""The tag `same`: a part of pages that is the same for everybody, made once in a process for each language."""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context

from tdpf.faces.portal.context import page_language

register = template.Library()
_MOST = 500
_made: dict[tuple[object, ...], str] = {}


class _Same(template.Node):
    # No block stands in it: who looks for the blocks of a page, which is done for every page, need not look here.
    child_nodelists = ()

    def __init__(self, nodelist: NodeList, name: str, differing: list[FilterExpression]) -> None:
        self.nodelist, self._name, self._differing = nodelist, name, differing

    def render(self, context: Context) -> str:
        language = context.get("language") or page_language()
        key = (self._name, language, *[each.resolve(context) for each in self._differing])
        known = _made.get(key)
        if known is None:
            if len(_made) >= _MOST:
                _made.clear()
            known = _made[key] = self.nodelist.render(context)
        return known


@register.tag
def same(parser: Parser, token: Token) -> _Same:
    """Draw what stands up to `endsame` once for each language and each value of what it differs by: `{% same "foot" door %}`.

    Nothing in it may be of one visitor; what it differs by has few values.
    """
    _, name, *differing = token.split_contents()
    nodelist = parser.parse(("endsame",))
    parser.delete_first_token()
    return _Same(nodelist, name.strip('"'), [parser.compile_filter(each) for each in differing])
