"""Ready-made calls for the console and the developer page; pure text."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to make a call: a stable id, what it is called, and the text to copy."""

    id: str
    title: str
    code: str


def first_call(public_url: str, slug: str) -> list[Snippet]:
    """Return the first call to a dataset in six tools."""
    items = f"{public_url}/data/collections/{slug}/items"
    return [
        *call(items, {"f": "json", "limit": "10"}),
        Snippet("r", "R", f'library(jsonlite)\nrows <- fromJSON("{items}?f=json&limit=1000")$rows\nhead(rows)'),
        Snippet("qgis", "QGIS", f"{public_url}/data"),
        Snippet(
            "excel",
            "Excel (Power Query)",
            f'let\n  Source = Csv.Document(Web.Contents("{items}?f=csv"), [Encoding=65001]),\n'
            "  Rows = Table.PromoteHeaders(Source)\nin\n  Rows",
        ),
    ]


def call(address: str, parameters: dict[str, str], *, needs_key: bool = False) -> list[Snippet]:
    """Return one call as curl, Python and JavaScript; with a key it is sent as `Authorization: Bearer`."""
    url = f"{address}?{urlencode(parameters)}" if parameters else address
    curl_key = ' \\\n  -H "Authorization: Bearer $TDPF_KEY"' if needs_key else ""
    python_import = (
        "import json\nimport os\nimport urllib.request\n" if needs_key else "import json\nimport urllib.request\n"
    )
    python_request = (
        f'request = urllib.request.Request(\n    "{url}",\n'
        '    headers={"Authorization": "Bearer " + os.environ["TDPF_KEY"]},\n)'
        if needs_key
        else f'request = urllib.request.Request("{url}")'
    )
    script_key = ",\n  { headers: { Authorization: `Bearer ${key}` } },\n" if needs_key else ""
    script_call = f'await fetch(\n  "{url}"{script_key});' if needs_key else f'await fetch("{url}");'
    return [
        Snippet("curl", "curl", f'curl "{url}"{curl_key}'),
        Snippet(
            "python",
            "Python",
            f"{python_import}\n{python_request}\nwith urllib.request.urlopen(request) as answer:\n"
            '    rows = json.load(answer)["rows"]\nprint(rows[0])',
        ),
        Snippet(
            "javascript",
            "JavaScript",
            f"const answer = {script_call}\nif (!answer.ok) throw new Error((await answer.json()).detail);\n"
            "const { rows } = await answer.json();\nconsole.log(rows[0]);",
        ),
    ]
