"""Every read of this room, and the pure functions that faces use on what they read."""

from __future__ import annotations

from tdpf.controlplane.catalog.addresses import collection_of, downloads, whole_files
from tdpf.controlplane.catalog.citation import bibtex, citation, cited_from, edited_citation
from tdpf.controlplane.catalog.dcat_ap import DCAT_CONTEXT, catalog_record, data_service, dcat
from tdpf.controlplane.catalog.enriching.columns import (
    RATED_BYTES,
    kept_columns,
    may_rate_file,
    may_read_columns,
    too_large_to_rate,
)
from tdpf.controlplane.catalog.enriching.dates import names_a_moment
from tdpf.controlplane.catalog.enriching.editions import next_edition
from tdpf.controlplane.catalog.enriching.periods import names_days
from tdpf.controlplane.catalog.inferences import inference_notes
from tdpf.controlplane.catalog.keeping import packed_stated, unpacked_stated
from tdpf.controlplane.catalog.quality.completeness import is_late, quality_of
from tdpf.controlplane.catalog.quality.dqv import DQV_CONTEXT, dqv_measurements, dqv_metrics
from tdpf.controlplane.catalog.quality.scoring import mqa_of, quality_guide
from tdpf.controlplane.catalog.reads.arrivals import (
    harvested_after,
    newest_number,
    registered_between,
    titles_registered_by,
)
from tdpf.controlplane.catalog.reads.datasets import (
    cards_of,
    dataset_page,
    get_dataset,
    get_distribution,
    get_version,
    latest_version,
    list_datasets,
    may_see,
    to_be_connected_anew,
    version_page,
    versions_of,
)
from tdpf.controlplane.catalog.reads.differences import (
    MOST_COMPARED_CELLS,
    version_shown,
    write_version_differences,
)
from tdpf.controlplane.catalog.reads.example import standing_example
from tdpf.controlplane.catalog.reads.finding import (
    explain_hit,
    finds,
    indexed_count,
    indexed_until,
    known_codes,
    newest_datasets,
    search,
    search_is_ready,
    suggest,
)
from tdpf.controlplane.catalog.reads.gate import connected_distributions, published_files, published_tables
from tdpf.controlplane.catalog.reads.links import (
    LinkedFile,
    count_links,
    links_in_state,
    links_of_dataset,
    links_to_look_at,
    slugs_by_uid,
)
from tdpf.controlplane.catalog.reads.publishers import all_publishers, list_publishers
from tdpf.controlplane.catalog.reads.quality import (
    datasets_of_site,
    list_sites,
    publisher_quality,
    site_facts,
    site_quality,
)
from tdpf.controlplane.catalog.reads.selecting import (
    count_datasets,
    datasets_after,
    recorded_at,
    recorded_last,
    select_datasets,
    slugs_of_datasets,
    slugs_with_moments,
    withdrawn_since,
)
from tdpf.controlplane.catalog.reads.synonyms import get_synonyms, synonym_groups
from tdpf.controlplane.catalog.reads.trying import preview_synonyms, words_searched_with
from tdpf.controlplane.catalog.rules import metadata_faults, tidy_metadata
from tdpf.controlplane.catalog.schema_org import schema_org
from tdpf.controlplane.catalog.search.asking import changed_between, search_filters
from tdpf.controlplane.catalog.search.meaning import is_installed as meaning_is_installed
from tdpf.controlplane.catalog.storage import original_path, table_folder
from tdpf.controlplane.catalog.vocabularies.areas import area_label, is_area_code, with_ancestors
from tdpf.controlplane.catalog.vocabularies.choices import choices, label_of
from tdpf.controlplane.catalog.vocabularies.formats import format_of, media_type_of
from tdpf.controlplane.catalog.vocabularies.licences import NOT_STATED, list_licences

__all__ = [
    "DCAT_CONTEXT",
    "DQV_CONTEXT",
    "MOST_COMPARED_CELLS",
    "NOT_STATED",
    "RATED_BYTES",
    "LinkedFile",
    "all_publishers",
    "area_label",
    "bibtex",
    "cards_of",
    "catalog_record",
    "changed_between",
    "choices",
    "citation",
    "cited_from",
    "collection_of",
    "connected_distributions",
    "count_datasets",
    "count_links",
    "data_service",
    "dataset_page",
    "datasets_after",
    "datasets_of_site",
    "dcat",
    "downloads",
    "dqv_measurements",
    "dqv_metrics",
    "edited_citation",
    "explain_hit",
    "finds",
    "format_of",
    "get_dataset",
    "get_distribution",
    "get_synonyms",
    "get_version",
    "harvested_after",
    "indexed_count",
    "indexed_until",
    "inference_notes",
    "is_area_code",
    "is_late",
    "kept_columns",
    "known_codes",
    "label_of",
    "latest_version",
    "links_in_state",
    "links_of_dataset",
    "links_to_look_at",
    "list_datasets",
    "list_licences",
    "list_publishers",
    "list_sites",
    "may_rate_file",
    "may_read_columns",
    "may_see",
    "meaning_is_installed",
    "media_type_of",
    "metadata_faults",
    "mqa_of",
    "names_a_moment",
    "names_days",
    "newest_datasets",
    "newest_number",
    "next_edition",
    "original_path",
    "packed_stated",
    "preview_synonyms",
    "published_files",
    "published_tables",
    "publisher_quality",
    "quality_guide",
    "quality_of",
    "recorded_at",
    "recorded_last",
    "registered_between",
    "schema_org",
    "search",
    "search_filters",
    "search_is_ready",
    "select_datasets",
    "site_facts",
    "site_quality",
    "slugs_by_uid",
    "slugs_of_datasets",
    "slugs_with_moments",
    "standing_example",
    "suggest",
    "synonym_groups",
    "table_folder",
    "tidy_metadata",
    "titles_registered_by",
    "to_be_connected_anew",
    "too_large_to_rate",
    "unpacked_stated",
    "version_page",
    "version_shown",
    "versions_of",
    "whole_files",
    "with_ancestors",
    "withdrawn_since",
    "words_searched_with",
    "write_version_differences",
]
