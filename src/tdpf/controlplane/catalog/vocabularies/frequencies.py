"""Update frequencies: codes of the EU authority table "frequency", as DCAT-AP 3 asks for dct:accrualPeriodicity."""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text

EU_FREQUENCY_ROOT = "http://publications.europa.eu/resource/authority/frequency/"


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a dataset is updated; `days` is the longest usual gap (None: there is no promise)."""

    code: str
    label: Text
    days: int | None

    @property
    def uri(self) -> str:
        """The address of the code in the EU authority table."""
        return EU_FREQUENCY_ROOT + self.code


FREQUENCIES: dict[str, Frequency] = {
    frequency.code: frequency
    for frequency in (
        Frequency("UPDATE_CONT", Text("随時（常に更新）", "Continuously"), 1),
        Frequency("HOURLY", Text("毎時", "Hourly"), 1),
        Frequency("DAILY", Text("毎日", "Daily"), 1),
        Frequency("WEEKLY", Text("毎週", "Weekly"), 7),
        Frequency("BIWEEKLY", Text("隔週", "Every two weeks"), 14),
        Frequency("MONTHLY", Text("毎月", "Monthly"), 31),
        Frequency("BIMONTHLY", Text("隔月", "Every two months"), 62),
        Frequency("QUARTERLY", Text("四半期ごと", "Quarterly"), 92),
        Frequency("ANNUAL_2", Text("半年ごと", "Twice a year"), 184),
        Frequency("ANNUAL", Text("毎年", "Yearly"), 366),
        Frequency("BIENNIAL", Text("2年ごと", "Every two years"), 731),
        Frequency("TRIENNIAL", Text("3年ごと", "Every three years"), 1096),
        Frequency("QUINQUENNIAL", Text("5年ごと", "Every five years"), 1827),
        Frequency("DECENNIAL", Text("10年ごと", "Every ten years"), 3653),
        Frequency("IRREG", Text("不定期", "Irregular"), None),
        Frequency("NEVER", Text("更新しない", "Never"), None),
        Frequency("OTHER", Text("その他", "Other"), None),
        Frequency("UNKNOWN", Text("不明", "Unknown"), None),
    )
}
