"""Ready-made terms: the three presets of the wizard, and a library of typical patterns (類例)."""

from __future__ import annotations

from tdpf.controlplane.exchange.types import Preset

PRESETS = (
    Preset(
        code="open",
        title_ja="オープン",
        title_en="Open",
        when_ja="だれが何に使ってもよいデータに。申込みなしですぐ使われ、最も広く役に立ちます。",
        when_en="For data that anyone may use for anything. Used at once without applying; the widest good.",
        offered=True,
        fields={"access": "open", "attribution": "required", "rate_plan": "r10", "notice_days": 30},
    ),
    Preset(
        code="conditional",
        title_ja="条件付き",
        title_en="Conditional",
        when_ja="相手や目的を確かめてから渡したいデータに。申込みを読んで答え、約定を結びます。",
        when_en="For data you hand out once you know to whom and what for. You read requests, answer, and seal agreements.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["members"], "purposes": ["any"], "redistribution": "forbidden",
            "secondary_use": "allowed", "attribution": "required", "quota_day": 10000, "rate_plan": "r10",
            "approval": "reviewed", "notice_days": 60, "information_management": "basic",
        },
    ),
    Preset(
        code="paid",
        title_ja="有償",
        title_en="Paid",
        when_ja="料金の計算・請求・精算の仕組みが整うまで選べません。いまは「条件付き」で始められます。",
        when_en="Not to be chosen until charging, invoicing and settlement are in place. Begin with “conditional”.",
        offered=False,
        fields={},
    ),
)

PATTERNS = (
    Preset(
        code="municipal-open-data",
        title_ja="自治体のオープンデータ",
        title_en="Municipal open data",
        when_ja="公共施設、避難所、統計など、だれでも二次利用できるデータ。",
        when_en="Facilities, shelters, statistics: data that anyone may reuse.",
        offered=True,
        fields={
            "access": "open", "attribution": "required", "rate_plan": "r10", "notice_days": 90,
            "notices_ja": "データは作成時点のものです。最新の状況は提供者のページでお確かめください。",
            "notices_en": "The data are as of the day they were made; see the provider's page for the present situation.",
        },
    ),
    Preset(
        code="research-only",
        title_ja="研究・教育に限る",
        title_en="Research and education only",
        when_ja="大学や研究機関の調査・研究、授業に使ってもらうデータ。",
        when_en="For surveys, research and teaching at universities.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["universities"], "purposes": ["research", "education"],
            "redistribution": "forbidden", "secondary_use": "noncommercial", "disclosure": "company",
            "attribution": "required", "period_months": 12, "quota_day": 10000, "rate_plan": "r10",
            "approval": "reviewed", "notice_days": 60, "information_management": "basic",
        },
    ),
    Preset(
        code="disaster-response",
        title_ja="防災のための共有",
        title_en="Shared for disasters",
        when_ja="避難所の開設状況など、防災・災害対応のため会員の団体にすぐ渡すデータ。",
        when_en="Shelter status and the like, handed at once to reviewed organisations for disaster prevention and response.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["organizations"], "purposes": ["public", "disaster"],
            "regions": ["japan"], "redistribution": "consult", "secondary_use": "allowed", "attribution": "required",
            "quota_day": 100000, "rate_plan": "r50", "approval": "automatic", "notice_days": 90,
            "information_management": "basic",
            "notices_ja": "災害時は状況が変わり続けます。取得した時刻をあわせて表示してください。",
            "notices_en": "In a disaster the situation keeps changing; show the time at which the data were fetched.",
        },
    ),
    Preset(
        code="between-municipalities",
        title_ja="自治体どうしの共有",
        title_en="Between local governments",
        when_ja="地方公共団体と国の機関のあいだで使い、外には出さないデータ。",
        when_en="Used among local governments and national bodies, and not shown outside.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["municipalities", "national_bodies"], "purposes": ["public", "disaster"],
            "regions": ["japan"], "redistribution": "forbidden", "secondary_use": "consult", "disclosure": "company",
            "attribution": "none", "period_months": 12, "quota_day": 10000, "rate_plan": "r10", "approval": "reviewed",
            "notice_days": 90, "information_management": "controlled", "confidentiality": True,
        },
    ),
    Preset(
        code="joint-trial",
        title_ja="実証実験",
        title_en="Joint trial",
        when_ja="期間と目的を決めて、企業や大学と試してみるデータ。",
        when_en="Tried out with companies or universities, for a set time and purpose.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["companies", "universities", "npos"], "purposes": ["research", "consult"],
            "regions": ["japan"], "redistribution": "forbidden", "secondary_use": "consult", "disclosure": "department",
            "attribution": "required", "period_months": 6, "quota_day": 5000, "quota_month": 100000, "rate_plan": "r5",
            "approval": "reviewed", "notice_days": 30, "information_management": "controlled",
            "information_management_note": "実証が終わったら、取得したデータを消してください。",
        },
    ),
    Preset(
        code="service-building",
        title_ja="サービスづくり",
        title_en="Building services",
        when_ja="アプリやサービスに組み込んで使ってもらうデータ。営利でもよく、申込みはその場で通ります。",
        when_en="Built into apps and services, commercial ones too; a fitting request is accepted at once.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["members"], "purposes": ["any"], "redistribution": "forbidden",
            "secondary_use": "allowed", "attribution": "required", "quota_day": 50000, "quota_month": 1000000,
            "rate_plan": "r50", "approval": "automatic", "notice_days": 90,
        },
    ),
    Preset(
        code="sensitive-places",
        title_ja="取扱いに注意が要る地図や設備",
        title_en="Sensitive places and equipment",
        when_ja="設備の位置など、広まると困るが、役立てる人には渡したいデータ。",
        when_en="Places of equipment and the like: not for everyone, but for those who put them to good use.",
        offered=True,
        fields={
            "access": "conditional", "audience": ["organizations"], "purposes": ["consult"], "regions": ["japan"],
            "redistribution": "forbidden", "secondary_use": "consult", "disclosure": "staff", "attribution": "none",
            "period_months": 12, "quota_day": 2000, "rate_plan": "r5", "approval": "reviewed", "notice_days": 30,
            "information_management": "strict", "confidentiality": True,
        },
    ),
)
