"""Languages of the data, by ISO 639-1 code; enough for what Tokyo publishes."""

from __future__ import annotations

from tdpf.kit.text import Text

EU_LANGUAGE_ROOT = "http://publications.europa.eu/resource/authority/language/"

LANGUAGES: dict[str, Text] = {
    "ja": Text("日本語", "Japanese"),
    "en": Text("英語", "English"),
    "zh": Text("中国語", "Chinese"),
    "ko": Text("韓国・朝鮮語", "Korean"),
    "vi": Text("ベトナム語", "Vietnamese"),
    "ne": Text("ネパール語", "Nepali"),
    "tl": Text("タガログ語", "Tagalog"),
    "pt": Text("ポルトガル語", "Portuguese"),
    "es": Text("スペイン語", "Spanish"),
    "fr": Text("フランス語", "French"),
    "de": Text("ドイツ語", "German"),
    "ru": Text("ロシア語", "Russian"),
    "th": Text("タイ語", "Thai"),
    "id": Text("インドネシア語", "Indonesian"),
    "my": Text("ミャンマー語", "Burmese"),
}

EU_LANGUAGES = {
    "ja": "JPN", "en": "ENG", "zh": "ZHO", "ko": "KOR", "vi": "VIE", "ne": "NEP", "tl": "TGL", "pt": "POR", "es": "SPA",
    "fr": "FRA", "de": "DEU", "ru": "RUS", "th": "THA", "id": "IND", "my": "MYA",
}  # fmt: skip
