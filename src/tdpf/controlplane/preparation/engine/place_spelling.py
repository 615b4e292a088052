"""Folding of place names: ways of writing the same characters become one, character by character, so that places keep."""

from __future__ import annotations

import re
import unicodedata

# Pairs of an old, variant or printer's form and the common one.
_VARIANTS = (
    "亞亜惡悪壓圧圍囲爲為醫医壹壱稻稲飮飲隱隠榮栄營営衞衛驛駅圓円鹽塩緣縁艷艶應応歐欧毆殴櫻桜奧奥橫横溫温穩穏假仮價価畫画"
    "會会囘回壞壊懷懐繪絵擴拡殼殻覺覚學学嶽岳樂楽勸勧卷巻寬寛歡歓罐缶觀観關関陷陥巖巌顏顔歸帰氣気龜亀僞偽戲戯犧犠舊旧據拠"
    "擧挙虛虚峽峡挾挟敎教强強鄕郷堯尭曉暁區区驅駆勳勲薰薫徑径惠恵溪渓經経繼継莖茎螢蛍輕軽鷄鶏藝芸擊撃缺欠儉倹劍剣圈圏檢検"
    "權権獻献縣県險険顯顕驗験嚴厳效効廣広恆恒鑛鉱號号國国黑黒濟済碎砕齋斎劑剤册冊雜雑參参慘惨棧桟蠶蚕贊賛殘残絲糸齒歯兒児"
    "辭辞濕湿實実舍舎寫写釋釈壽寿收収從従澁渋獸獣縱縦肅粛處処敍叙奬奨將将燒焼證証乘乗剩剰壤壌孃嬢條条淨浄疊畳穰穣讓譲釀醸"
    "觸触寢寝愼慎晉晋眞真盡尽圖図粹粋醉酔隨随髓髄數数樞枢瀨瀬聲声靜静齊斉攝摂竊窃專専戰戦淺浅潛潜纖繊踐践錢銭禪禅雙双壯壮"
    "搜捜插挿爭争總総聰聡莊荘裝装騷騒臟臓藏蔵屬属續続墮堕體体對対帶帯滯滞臺台瀧滝擇択澤沢單単擔担膽胆團団彈弾斷断遲遅晝昼"
    "蟲虫鑄鋳廳庁聽聴鎭鎮遞逓鐵鉄轉転點点傳伝黨党盜盗燈灯當当鬪闘德徳獨独讀読屆届繩縄貳弐惱悩腦脳廢廃拜拝賣売麥麦發発髮髪"
    "拔抜蠻蛮祕秘濱浜濵浜甁瓶拂払佛仏倂併竝並變変邊辺邉辺辨弁瓣弁辯弁舖舗步歩穗穂寶宝萠萌襃褒豐豊沒没每毎萬万滿満默黙戾戻"
    "彌弥藥薬譯訳豫予餘余與与譽誉搖揺樣様謠謡遙遥來来賴頼亂乱覽覧龍竜兩両獵猟綠緑壘塁淚涙勵励禮礼隸隷靈霊齡齢曆暦歷歴戀恋"
    "爐炉勞労樓楼郞郎祿禄錄録灣湾吞呑髙高﨑崎碕崎嵜崎嶋島嶌島冨富埜野峯峰舘館渕淵栁柳桺柳檜桧曾曽藪薮籔薮籠篭蘆芦鷗鴎驒騨"
    "禱祷溿畔礪砺穎頴槇槙檮梼壺壷蠣蛎鰺鯵麴麹餠餅靑青黃黄戶戸內内吳呉鈎鉤鄰隣邨村祗祇廐厩桒桑桝枡鑪鈩鑓槍槗橋𣘺橋𠮷吉𠀋丈"
    "﨟臈栅柵瘦痩羣群凉涼冲沖决決况況减減刄刃勗勖卽即埓埒壻婿姬姫寃冤尅剋崗岡嵓巌巗巌峩峨曻昇潴瀦濶闊焰焔煕熙煖暖燻薫犂犁"
    "玅妙珎珍畧略癡痴皐皋盖蓋矦侯砿鉱礒磯稾稿竃竈糓穀緖緒罸罰羗羌耻恥肬疣苅刈莵菟蔣蒋薗園蕐華虗虚袠帙谿渓輙輒迯逃邇迩酼醢"
    "釼剣鎻鎖閇閉閙鬧陦島隂陰靁雷飜翻駈駆鳫雁鴈雁鵄鴟麪麺鼡鼠之ノ乃ノ"
)
_SAME = {
    "の": "ノ", "ヶ": "ケ", "が": "ケ", "ガ": "ケ", "ヵ": "ケ", "ｹ": "ケ", "ｶ": "カ", "箇": "ケ", "个": "ケ",
    "っ": "ツ", "ッ": "ツ", "つ": "ツ", "ｯ": "ツ", "ﾂ": "ツ", "ﾉ": "ノ", "へ": "ヘ", "べ": "ベ", "〇": "0",
    "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "拾": "十",
    "冶": "治", "，": ",", "、": ",", "　": " ", "\t": " ", "\u00a0": " ", "\u3164": " ", "\r": " ", "\n": " ", "\u2002": " ", "\u2003": " ",
}  # fmt: skip
_DASHES = "-‐‑‒–—―⁃−﹘﹣－ー─━ｰ〜～~"
# Half-width kana with marks of their own, variation selectors, ligatures: they change lengths and are undone first.
_UNEVEN = re.compile(
    "[\u0300-\u036f\u3099\u309a\u3200-\u33ff\ufe00-\ufe0f\uff61-\uff9f\U000e0100-\U000e01ef\ud800-\udfff]"
)
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\ud800-\udfff]")


class _Table(dict[int, int | str]):
    """Keeps characters that it has no entry for; remembers them, because a missing entry costs an exception."""

    def __missing__(self, character: int) -> int:
        if len(self) < 40_000:
            self[character] = character
        return character


def _made() -> _Table:
    table = _Table({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    table.update({code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xF900, 0xFAE0)})
    table.update({ord(old): new for old, new in zip(_VARIANTS[::2], _VARIANTS[1::2], strict=True)})
    table.update({ord(old): new for old, new in _SAME.items()})
    table.update({ord(dash): "-" for dash in _DASHES})
    return table


_TABLE = _made()


def fold(text: str) -> str:
    """Return the text with spellings of place names evened out, exactly as long as before.

    Full width becomes half width, old and variant kanji the common ones, ヶ・が・ヵ ケ, の・之 ノ, kanji digits Arabic ones,
    every dash and the long mark a hyphen. The result is a key for comparing, never something to show.
    """
    return text.translate(_TABLE)


def even(text: str) -> str:
    """Return the text with characters that have no width of one undone (㈱, ｶﾞ, variation selectors), else as it is."""
    if _UNEVEN.search(text) is None:
        return text
    return unicodedata.normalize("NFKC", _SELECTORS.sub("", text))


def whole_number(digits: str) -> int:
    """Return the number of folded digits, which may hold 十 and 百 (2十3, 十2, 百)."""
    if digits.isdigit():
        return int(digits)
    total, digit = 0, 0
    for sign in digits:
        if sign in "十百":
            total += max(digit, 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + int(sign)
    return total + digit
