"""Writing the catalogue's nodes as Turtle (W3C RDF 1.1 Turtle) and RDF/XML: simple JSON-LD in, text out, no graph built.

A node has `@id` or none (a blank node), `@type`, and members under prefixed names; a value is a node, an object with
`@value` and `@type` or `@language`, a text, or a list of those. Prefixes come with the node's context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tdpf.kit.atom import for_xml

Node = Mapping[str, Any]
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_IN_TEXT = re.compile('[\\\\"\n\r\t\x00-\x1f\x7f]')


def turtle(node: Node, context: Mapping[str, str]) -> str:
    """Return a node and all below it as Turtle."""
    lines = [f"@prefix {prefix}: <{address}> ." for prefix, address in sorted(context.items())]
    lines.append("")
    waiting: list[Node] = [node]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop(0)
        written = "\n".join(_turtle_subject(one, context, waiting))
        if written not in seen:
            seen.add(written)
            lines += [written, ""]
    return "\n".join(lines)


def _turtle_subject(node: Node, context: Mapping[str, str], waiting: list[Node]) -> Iterator[str]:
    """Write what is said of a node with an address; nodes with an address below it wait for their turn."""
    yield f"{_iri(str(node['@id']))}"
    statements = list(_turtle_statements(node, context, waiting, "    "))
    yield " ;\n".join(statements) + " ."


def _turtle_statements(node: Node, context: Mapping[str, str], waiting: list[Node], indent: str) -> Iterator[str]:
    types = _listed(node.get("@type"))
    if types:
        yield f"{indent}a {', '.join(types)}"
    for name, value in node.items():
        if not name.startswith("@"):
            values = [_turtle_value(one, context, waiting, indent) for one in _listed(value)]
            if values:
                yield f"{indent}{name} {', '.join(values)}"


def _turtle_value(value: Any, context: Mapping[str, str], waiting: list[Node], indent: str) -> str:
    if not isinstance(value, Mapping):
        return _turtle_text(str(value))
    if "@value" in value:
        text = _turtle_text(str(value["@value"]))
        if "@language" in value:
            return f"{text}@{value['@language']}"
        return f"{text}^^{value['@type']}" if "@type" in value else text
    if "@id" in value:
        if len(value) > 1:
            waiting.append(value)
        return _iri(str(value["@id"]))
    inner = list(_turtle_statements(value, context, waiting, indent + "    "))
    return "[\n" + " ;\n".join(inner) + f"\n{indent}]"


def _turtle_text(text: str) -> str:
    return '"' + _IN_TEXT.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}", text) + '"'


def _iri(address: str) -> str:
    return "<" + re.sub(r'[\x00-\x20<>"{}|^`\\]', lambda found: f"%{ord(found[0]):02X}", address) + ">"


def rdf_xml(node: Node, context: Mapping[str, str]) -> str:
    """Return a node and all below it as RDF/XML."""
    spaces = "".join(
        f' xmlns:{prefix}="{escape(address)}"' for prefix, address in sorted(context.items()) if prefix != "rdf"
    )
    body = "".join(_xml_node(node, context, "  "))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns:rdf="{RDF}"{spaces}>\n{body}</rdf:RDF>\n'


def _xml_node(node: Node, context: Mapping[str, str], indent: str) -> Iterator[str]:
    first, *others = _listed(node.get("@type")) or ["rdf:Description"]
    about = f" rdf:about={quoteattr(_iri(str(node['@id']))[1:-1])}" if "@id" in node else ""
    yield f"{indent}<{first}{about}>\n"
    for kind in others:
        yield f'{indent}  <rdf:type rdf:resource="{escape(_expanded(kind, context))}"/>\n'
    for name, value in node.items():
        if not name.startswith("@"):
            for one in _listed(value):
                yield from _xml_value(name, one, context, indent + "  ")
    yield f"{indent}</{first}>\n"


def _xml_value(name: str, value: Any, context: Mapping[str, str], indent: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{indent}<{name}>{_xml_text(str(value))}</{name}>\n"
    elif "@value" in value:
        more = ""
        if "@language" in value:
            more = f' xml:lang="{value["@language"]}"'
        elif "@type" in value:
            more = f' rdf:datatype="{escape(_expanded(value["@type"], context))}"'
        yield f"{indent}<{name}{more}>{_xml_text(str(value['@value']))}</{name}>\n"
    elif "@id" in value and len(value) == 1:
        yield f"{indent}<{name} rdf:resource={quoteattr(_iri(str(value['@id']))[1:-1])}/>\n"
    else:
        yield f"{indent}<{name}>\n"
        yield from _xml_node(value, context, indent + "  ")
        yield f"{indent}</{name}>\n"


def _xml_text(text: str) -> str:
    return escape(for_xml(text))


def _expanded(name: str, context: Mapping[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return context[prefix] + local if prefix in context else name


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
