"""The 23 indicators of the EU's metadata quality assessment (MQA) with their official weights: 405 points, five dimensions.

Source: data.europa.eu/mqa/methodology. What is measured on distributions is measured on the dataset's best one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tdpf.controlplane.catalog.quality.inputs import QualityDistribution, QualityInput, effective_licence
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.licences import CUSTOM
from tdpf.kit.text import Text

METRIC_ROOT = "https://piveau.eu/ns/voc#"
ANSWERING = frozenset({"ok", "moved"})
RIGHTS = frozenset({"PUBLIC", "RESTRICTED", "NON_PUBLIC"})


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the five dimensions and the points it can give."""

    code: str
    label: Text
    points: int


DIMENSIONS = (
    Dimension("findability", Text("見つけやすさ", "Findability"), 100),
    Dimension("accessibility", Text("届きやすさ", "Accessibility"), 100),
    Dimension("interoperability", Text("つなぎやすさ", "Interoperability"), 110),
    Dimension("reusability", Text("使いやすさ", "Reusability"), 75),
    Dimension("contextuality", Text("背景のわかりやすさ", "Contextuality"), 20),
)
WHOLE = sum(dimension.points for dimension in DIMENSIONS)

OfDataset = Callable[[QualityInput], bool]
OfDistribution = Callable[[QualityInput, QualityDistribution], bool]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: met or not on the dataset (`of_dataset`) or on a distribution (`of_distribution`); `metric` is its DQV name."""

    code: str
    dimension: str
    weight: int
    metric: str
    title: Text
    why: Text
    cure: Text
    of_dataset: OfDataset | None = None
    of_distribution: OfDistribution | None = None


def _answers(part: QualityDistribution) -> bool:
    return part.link_state in ANSWERING


def _complies(facts: QualityInput) -> bool:
    return (
        facts.has_title
        and facts.has_description
        and not facts.has_faults
        and all(part.has_address for part in facts.distributions)
    )


INDICATORS = (
    Indicator(
        "keywords", "findability", 30, "keywordAvailability",
        Text("キーワードがある", "Keywords are given"),
        Text("題名にない言い方でも見つかるようになります。", "It is found by words that the title lacks."),
        Text("住民がふだん使う言葉を、二つ以上キーワード（dcat:keyword、CKANのタグ）に入れてください。", "Give two keywords or more that residents use (dcat:keyword, CKAN tags)."),
        of_dataset=lambda facts: facts.keywords > 0,
    ),
    Indicator(
        "theme", "findability", 30, "categoryAvailability",
        Text("分野がある", "A theme is given"),
        Text("分野で絞り込む人に見つかります。", "People who narrow by theme find it."),
        Text("分野（dcat:theme、CKANのグループ）を一つ以上選んでください。", "Choose one theme or more (dcat:theme, CKAN groups)."),
        of_dataset=lambda facts: facts.has_theme,
    ),
    Indicator(
        "spatial", "findability", 20, "spatialAvailability",
        Text("地域がある", "The area is given"),
        Text("地域名で探す人に見つかり、地図で絞り込めます。", "It is found by the name of the place."),
        Text("対象地域を、全国地方公共団体コードか地名（dct:spatial）で入れてください。", "Give the area as a local government code or a name (dct:spatial)."),
        of_dataset=lambda facts: facts.has_spatial,
    ),
    Indicator(
        "temporal", "findability", 20, "temporalAvailability",
        Text("対象期間がある", "The period is given"),
        Text("いつのデータかが分かります。", "Readers see of when the data are."),
        Text("データの対象期間の始まりと終わり（dct:temporal）を入れてください。", "Give the first and last day the data speak of (dct:temporal)."),
        of_dataset=lambda facts: facts.has_temporal,
    ),
    Indicator(
        "access_url_answers", "accessibility", 50, "accessUrlStatusCode",
        Text("アクセスURLが応える", "The access address answers"),
        Text("リンクを開いた人が、データにたどり着けます。", "Whoever opens the link gets to the data."),
        Text("リンクを開いて確かめ、新しいURLに直してください。", "Open the link and put the new address."),
        of_distribution=lambda _, part: part.has_address and _answers(part),
    ),
    Indicator(
        "download_url", "accessibility", 20, "downloadUrlAvailability",
        Text("ダウンロードURLがある", "There is a download address"),
        Text("プログラムがファイルを直接受け取れます。", "Programs get the file directly."),
        Text("ファイルそのもののURL（dcat:downloadURL、CKANのリソースURL）を入れてください。", "Give the address of the file itself (dcat:downloadURL, CKAN resource url)."),
        of_distribution=lambda _, part: part.has_download,
    ),
    Indicator(
        "download_url_answers", "accessibility", 30, "downloadUrlStatusCode",
        Text("ダウンロードURLが応える", "The download address answers"),
        Text("ファイルが実際に受け取れます。", "The file really comes."),
        Text("ファイルのリンクを確かめ、新しいURLに直してください。", "Check the file's link and put the new address."),
        of_distribution=lambda _, part: part.has_download and _answers(part),
    ),
    Indicator(
        "format", "interoperability", 20, "formatAvailability",
        Text("ファイル形式が書いてある", "The format is stated"),
        Text("開く前に、自分の道具で使えるかが分かります。", "Readers know before opening whether their tools fit."),
        Text("ファイル形式（dct:format、CKANのリソース形式）を入れてください。", "State the file format (dct:format, CKAN resource format)."),
        of_distribution=lambda _, part: part.has_format_words,
    ),
    Indicator(
        "media_type", "interoperability", 10, "mediaTypeAvailability",
        Text("メディアタイプが書いてある", "The media type is stated"),
        Text("プログラムが読み方を選べます。", "Programs choose how to read it."),
        Text("text/csv のようなメディアタイプ（dcat:mediaType）を入れてください。", "State the media type, such as text/csv (dcat:mediaType)."),
        of_distribution=lambda _, part: part.has_media_type,
    ),
    Indicator(
        "format_vocabulary", "interoperability", 10, "formatMediaTypeVocabularyAlignment",
        Text("形式が決まった語で書いてある", "The format is from a vocabulary"),
        Text("「CSV(Shift-JIS)」のような書き方のゆれなく、機械が形式を見分けられます。", "Machines tell formats without guessing at spellings."),
        Text("CSV、XLSX、GeoJSON のような決まった名前か、IANAのメディアタイプで書いてください。", "Use established names such as CSV, XLSX, GeoJSON, or IANA media types."),
        of_distribution=lambda _, part: bool(part.declared),
    ),
    Indicator(
        "non_proprietary", "interoperability", 20, "formatMediaTypeNonProprietary",
        Text("特定のソフトに依らない形式", "Non-proprietary format"),
        Text("どの環境でも開けます。", "It opens everywhere."),
        Text("Excelのほかに、CSVやGeoJSONなどの形式を加えてください。", "Beside Excel, add CSV, GeoJSON or the like."),
        of_distribution=lambda _, part: bool(part.declared) and FORMATS[part.declared].non_proprietary,
    ),
    Indicator(
        "machine_readable", "interoperability", 20, "formatMediaTypeMachineInterpretable",
        Text("機械で読める形式", "Machine-readable format"),
        Text("プログラムや表計算でそのまま使えます。", "Programs and spreadsheets can use it as it is."),
        Text("PDFや画像だけでなく、CSVやExcelの表を加えてください。", "Beside PDF or pictures, add a table as CSV or Excel."),
        of_distribution=lambda _, part: bool(part.declared) and FORMATS[part.declared].machine_readable,
    ),
    Indicator(
        "dcat_ap", "interoperability", 30, "dcatApCompliance",
        Text("DCAT-APのきまりに沿う", "Complies with DCAT-AP"),
        Text("ほかの国や地域のカタログが、直さずに取り込めます。", "Other catalogues take it in as it is."),
        Text("題名と説明を入れ、日付とURLを正しい形に直してください。", "Give title and description, and mend dates and addresses that are out of shape."),
        of_dataset=_complies,
    ),
    Indicator(
        "licence", "reusability", 20, "licenceAvailability",
        Text("利用条件が書いてある", "The licence is stated"),
        Text("使ってよいかどうかが分かります。", "Readers know that they may use it."),
        Text("ライセンス（dct:license）を入れてください。事情が許せば CC BY 4.0 か公共データ利用規約です。", "State the licence (dct:license), CC BY 4.0 or the Public Data License if you can."),
        of_distribution=lambda facts, part: bool(effective_licence(facts, part)),
    ),
    Indicator(
        "licence_vocabulary", "reusability", 10, "knownLicence",
        Text("よく知られた利用条件である", "The licence is a known one"),
        Text("条文を読み比べなくても、ほかのデータと組み合わせられます。", "It combines with other data without a lawyer's reading."),
        Text("独自の規約ではなく、CC BY 4.0 や公共データ利用規約（PDL1.0）を選んでください。", "Rather than terms of your own, choose CC BY 4.0 or the Public Data License 1.0."),
        of_distribution=lambda facts, part: effective_licence(facts, part) not in ("", CUSTOM),
    ),
    Indicator(
        "access_rights", "reusability", 10, "accessRightsAvailability",
        Text("公開の範囲が書いてある", "Access rights are stated"),
        Text("だれでも使えるのか、条件があるのかが分かります。", "Readers know whether anyone may have it."),
        Text("公開・制限あり・非公開のどれか（dct:accessRights）を入れてください。", "State public, restricted or non-public (dct:accessRights)."),
        of_dataset=lambda facts: facts.has_access_words,
    ),
    Indicator(
        "access_rights_vocabulary", "reusability", 5, "accessRightsVocabularyAlignment",
        Text("公開の範囲が決まった語で書いてある", "Access rights are from a vocabulary"),
        Text("機械が、公開のデータだけを選べます。", "Machines can choose public data."),
        Text("PUBLIC、RESTRICTED、NON_PUBLIC のどれかで書いてください。", "Use PUBLIC, RESTRICTED or NON_PUBLIC."),
        of_dataset=lambda facts: facts.access_rights in RIGHTS,
    ),
    Indicator(
        "contact", "reusability", 20, "contactPointAvailability",
        Text("連絡先がある", "A contact is given"),
        Text("誤りの指摘や質問が届きます。", "Corrections and questions can reach you."),
        Text("担当部署の名前と、メールアドレスか問い合わせページ（dcat:contactPoint）を入れてください。", "Give the office with a mail address or a page (dcat:contactPoint)."),
        of_dataset=lambda facts: facts.has_contact,
    ),
    Indicator(
        "publisher", "reusability", 10, "publisherAvailability",
        Text("提供者が書いてある", "The publisher is stated"),
        Text("だれのデータかが分かり、信頼して使えます。", "Readers know whose data they are."),
        Text("提供者の名前（dct:publisher、CKANの組織）を入れてください。", "State the publisher (dct:publisher, CKAN organization)."),
        of_dataset=lambda facts: facts.has_publisher,
    ),
    Indicator(
        "rights", "contextuality", 5, "rightsAvailability",
        Text("権利の説明がある", "Rights are explained"),
        Text("出典の書き方など、守ることが分かります。", "Readers know what to keep to."),
        Text("出典の書き方や権利の説明（dct:rights）を入れてください。", "Say how to name the source and what rights there are (dct:rights)."),
        of_dataset=lambda facts: facts.has_rights,
    ),
    Indicator(
        "byte_size", "contextuality", 5, "byteSizeAvailability",
        Text("ファイルの大きさが書いてある", "The file size is stated"),
        Text("受け取る前に、時間や容量を見込めます。", "Readers can plan before the download."),
        Text("ファイルの大きさ（dcat:byteSize）を入れてください。", "State the size of the file (dcat:byteSize)."),
        of_distribution=lambda _, part: part.has_size,
    ),
    Indicator(
        "issued", "contextuality", 5, "dateIssuedAvailability",
        Text("公開日が書いてある", "The date of publication is stated"),
        Text("いつからあるデータかが分かります。", "Readers know since when it is there."),
        Text("公開した日（dct:issued）を入れてください。", "State the date of publication (dct:issued)."),
        of_dataset=lambda facts: facts.has_issued,
    ),
    Indicator(
        "modified", "contextuality", 5, "dateModifiedAvailability",
        Text("更新日が書いてある", "The date of the last change is stated"),
        Text("新しさが分かります。", "Readers know how fresh it is."),
        Text("最後に更新した日（dct:modified）を入れてください。", "State the date of the last change (dct:modified)."),
        of_dataset=lambda facts: facts.has_modified,
    ),
)  # fmt: skip
