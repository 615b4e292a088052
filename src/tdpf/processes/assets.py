"""Brings what the pages need in the browser, and synonyms for the search, from node_modules (filled by `npm ci`) to the installation."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import orjson

from tdpf.controlplane.catalog.search import thesaurus
from tdpf.kit.home import Home, home
from tdpf.processes.coastline import land_within

# From a file or folder under node_modules to its place under /static/vendor/.
_WANTED = {
    "@digital-go-jp/design-tokens/dist/tokens.css": "design-tokens/tokens.css",
    "@digital-go-jp/design-tokens/LICENSE": "design-tokens/LICENSE",
    "@fontsource-variable/noto-sans-jp/index.css": "noto-sans-jp/index.css",
    "@fontsource-variable/noto-sans-jp/files": "noto-sans-jp/files",
    "@fontsource-variable/noto-sans-jp/LICENSE": "noto-sans-jp/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-shared.mjs": "maplibre-gl/maplibre-gl-shared.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl/maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "world-atlas/LICENSE": "world-atlas/LICENSE",
}


_LAND = "world-atlas/land-10m.json"
_SYNONYMS = "sudachi-synonyms-dictionary/sudachi-synonyms-dictionary.json"


class AssetsMissing(RuntimeError):
    """`npm ci` has not been run, or a package changed its layout."""


def collect_assets(repo: Path, to: Home) -> list[Path]:
    """Copy the wanted files that are new or changed into `to.assets/vendor`; return what was copied."""
    modules = repo / "node_modules"
    missing = [name for name in (*_WANTED, _LAND, _SYNONYMS) if "LICENSE" not in name and not (modules / name).exists()]
    if missing:
        raise AssetsMissing(f"run `npm ci` first; not found under {modules}: {', '.join(missing)}")
    copied: list[Path] = []
    for name, place in _WANTED.items():
        source = modules / name
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.suffix == ".woff" or not file.is_file():
                continue
            target = to.assets / "vendor" / place
            if source.is_dir():
                target = target / file.relative_to(source)
            if target.exists() and target.stat().st_size == file.stat().st_size:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            copied.append(target)
    land = to.assets / "vendor" / "world-atlas" / "japan-land.json"
    if not land.exists():
        land.write_bytes(orjson.dumps(land_within(orjson.loads((modules / _LAND).read_bytes()))))
        copied.append(land)
    groups = to.assets / thesaurus.FILE
    made = thesaurus.compiled(orjson.loads((modules / _SYNONYMS).read_bytes()))
    if not groups.exists() or groups.read_bytes() != made:
        groups.parent.mkdir(parents=True, exist_ok=True)
        groups.write_bytes(made)
        shutil.copyfile(modules / "sudachi-synonyms-dictionary" / "LICENSE", groups.parent / "LICENSE")
        copied.append(groups)
    return copied


if __name__ == "__main__":
    print(len(collect_assets(Path(__file__).resolve().parents[3], home())), "files copied", file=sys.stderr)
