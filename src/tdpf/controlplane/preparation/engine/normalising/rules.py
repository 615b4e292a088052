"""What each rule does, in one sentence for reports and manuals, and how a town can mend the reasons at the source."""

from __future__ import annotations

from tdpf.kit.text import Text

RULES: dict[str, Text] = {
    "duplicate.filled": Text("同じものを指す別の行の値で補いました", "filled in from another row of the same thing"),
    "ditto.completed": Text(
        "「同上」「〃」を上の行の値にし、都道府県名・市区町村名を補いました",
        "“as above” was written out, and prefecture and municipality were put in front",
    ),
    "ditto": Text("「同上」「〃」を上の行の値にしました", "“as above” was written out"),
    "missing-mark": Text("値がないことを示す記号を空欄にしました", "a mark for “no value” was made empty"),
    "text.trim": Text("前後の空白を除きました", "outer spaces were removed"),
    "name.trim": Text("前後の空白と途中の改行を除きました", "outer spaces and line breaks were removed"),
    "kana.width": Text("全角カタカナにそろえました", "written in full-width katakana"),
    "latin.width": Text("半角の英数字にそろえました", "written with half-width letters"),
    "address.width": Text("数字と区切りを半角にそろえました", "digits and dashes were made half-width"),
    "address.prefecture": Text("都道府県名・市区町村名を補いました", "prefecture and municipality were put in front"),
    "address.chome": Text("丁目を町名の後ろに移しました", "the chome was moved behind its town"),
    "address.city": Text("区の前に市の名前を補いました", "the city was put in front of its ward"),
    "address.joined": Text("分かれている住所の欄をつなぎました", "the parts of the address were joined"),
    "address.head": Text("住所の先頭から読み取りました", "read from the head of the address"),
    "address.postal": Text("住所の先頭の郵便番号を移しました", "the postal code in front of the address was moved"),
    "block.damaged": Text("番地が日付に変わっています", "the street number became a date"),
    "address.block": Text("住所から番地を取り出しました", "the street number was taken from the address"),
    "identifier.width": Text("半角にそろえました", "made half-width"),
    "identifier.exponent": Text("指数表示（E+）を元の数字に戻しました", "an exponent (E+) was written out"),
    "identifier.damaged": Text("指数表示（E+）で桁が失われています", "digits were lost to an exponent (E+)"),
    "identifier.sequence": Text(
        "IDがないため、行の順に番号を振りました", "there is no ID, so rows were numbered in order"
    ),
    "town-id": Text("町字IDの書き方にそろえました", "written as a town ID"),
    "list.departments": Text("診療科の略した名前を書き下しました", "abbreviated departments were written out"),
    "list.semicolons": Text("複数の値を半角セミコロンで区切りました", "several values were separated by semicolons"),
    "prefecture.name": Text("都道府県の正式な名前にしました", "written as the prefecture's full name"),
    "number.notation": Text(
        "数字だけにしました（全角・桁区切り・単位・▲を直しました）",
        "written as digits only (width, separators, units, ▲)",
    ),
    "number.about": Text("「約」などを除いて数にしました", "“about” was removed"),
    "number.kanji": Text("漢数字を数字にしました", "kanji numerals were written as digits"),
    "number.damaged": Text("指数表示（E+）で桁が失われています", "digits were lost to an exponent (E+)"),
    "code.legend": Text("凡例にある意味を、番号の代わりに入れました", "a number was written out as the legend says"),
    "footnote": Text("注の印（※など）を除きました", "the sign for a footnote was removed"),
    "footnote.words": Text(
        "表の外に書かれた注を備考に入れました", "the note that stands outside the table was put into the remarks"
    ),
    "number.free": Text("「無料」を0にしました", "“free” was written as 0"),
    "number.none": Text("「無床」を0にしました", "“no beds” was written as 0"),
    "number.whole": Text("小数点以下の0を除きました", "a fraction of zero was removed"),
    "number.remark": Text("数だけを取り出しました", "only the number was taken"),
    "flag.yes": Text("「ある」を標準の語にしました", "yes in the words of the standard"),
    "flag.no": Text("「ない」を標準の語にしました", "no in the words of the standard"),
    "flag.described": Text("設備の説明を「ある」と読みました", "a description was read as yes"),
    "flag.count": Text("1以上の数を「ある」にしました", "a count above zero was read as yes"),
    "date.era": Text("和暦を西暦（YYYY-MM-DD）にしました", "an era date was written as YYYY-MM-DD"),
    "date.year-stated": Text("表題や年度の列にある年を補いました", "the year stated elsewhere was put in"),
    "date.notation": Text("日付をYYYY-MM-DDにしました", "the date was written as YYYY-MM-DD"),
    "date.serial": Text("日付の通し番号を日付にしました", "a serial day was written as a date"),
    "date.american": Text("月/日/年を日付にしました", "month/day/year was written as a date"),
    "date.period": Text("期間を開始/終了の形にしました", "a period was written as start/end"),
    "date.same-day": Text("1日だけの開催とみて開始日と同じにしました", "taken to last one day"),
    "area.municipality": Text("市区町村名を地域名にしました", "the municipality's name became the area's"),
    "date.stated": Text("表題などに書かれた日付を入れました", "the date stated in the title was filled in"),
    "time.notation": Text("時刻をHH:MMにしました", "the time was written as HH:MM"),
    "time.word": Text("言葉の時刻をHH:MMにしました", "a time in words was written as HH:MM"),
    "time.fraction": Text("時刻の小数をHH:MMにしました", "a fraction of a day was written as HH:MM"),
    "time.compact": Text("時刻をHH:MMにしました", "the time was written as HH:MM"),
    "time.hour": Text("時をHH:MMにしました", "the hour was written as HH:MM"),
    "time.remark": Text("時刻だけを取り出しました", "only the time was taken"),
    "hours.span": Text("利用時間を開始と終了に分けました", "opening hours were parted into start and end"),
    "hours.start": Text("始まる時刻を取り出しました", "the time of beginning was taken"),
    "time.of-day": Text("日付の後の時刻を移しました", "the time behind the day was moved"),
    "closed-day": Text(
        "休みの日であることが分かるように、見出しの語を前に付けました",
        "the heading was put in front: these are days of closing",
    ),
    "word.stated": Text(
        "表題やシート名にある語を入れました", "the word in the title or the sheet's name was filled in"
    ),
    "town.chome": Text("町名と丁目をつなぎました", "town and chome were joined"),
    "day.joined": Text("年・月・日の列をつなぎました", "the columns of year, month and day were joined"),
    "weekdays.order": Text("曜日を「月火水木金土日」の形にしました", "days were written as 月火水木金土日"),
    "weekdays.every-day": Text("「毎日」などを曜日にしました", "“every day” was written out"),
    "weekdays.except": Text("除く曜日から、利用できる曜日を求めました", "the days not excepted were written out"),
    "phone.hyphens": Text("電話番号を半角のハイフン区切りにしました", "the number was written with half-width hyphens"),
    "phone.several": Text(
        "複数の電話番号を半角セミコロンで区切りました", "several numbers were separated by semicolons"
    ),
    "phone.lost-zero": Text("失われた先頭の0を戻しました", "a lost leading zero was put back"),
    "phone.remark": Text("電話番号だけを取り出しました", "only the telephone number was taken"),
    "phone.extension": Text("電話番号から内線番号を分けました", "the extension was parted from the number"),
    "extension.width": Text("内線番号を半角にしました", "the extension was made half-width"),
    "mail.width": Text("メールアドレスを半角にしました", "the address was made half-width"),
    "url.width": Text("URLを半角にしました", "the URL was made half-width"),
    "url.several": Text("複数のURLを半角セミコロンで区切りました", "several URLs were separated by semicolons"),
    "url.remark": Text("URLだけを取り出しました", "only the URL was taken"),
    "postal.hyphen": Text("郵便番号を000-0000にしました", "the postal code was written as 000-0000"),
    "postal.lost-zero": Text("郵便番号の失われた先頭の0を戻しました", "the lost zero of the postal code was put back"),
    "code.notation": Text("コードを半角数字にしました", "the code was written in half-width digits"),
    "code.repaired": Text(
        "コードの検査数字・先頭の0を補いました", "the code's check digit or leading zero was put back"
    ),
    "code.corporate-number": Text(
        "団体の法人番号から団体コードを取り出しました",
        "the code was taken from the local government's corporate number",
    ),
    "code.damaged": Text("指数表示（E+）で桁が失われています", "digits were lost to an exponent (E+)"),
    "code.from-name": Text("団体の名前からコードを求めました", "the code was found by the name"),
    "code.publisher": Text(
        "この表の団体のコードを入れました", "the code of the table's local government was filled in"
    ),
    "code.same": Text("全国地方公共団体コードと同じにしました", "the same as the local government code"),
    "publisher.joined": Text("都道府県名と市区町村名をつなぎました", "prefecture and municipality were joined"),
    "publisher.from-code": Text("コードから名前を求めました", "the name was found by the code"),
    "coordinate.notation": Text("度の記号などを除きました", "degree signs were removed"),
    "coordinate.comma": Text(
        "小数点として書かれたコンマを直しました", "a comma that stood for the decimal point was mended"
    ),
    "coordinate.sexagesimal": Text("度分秒を10進の度にしました", "degrees, minutes, seconds were written as decimals"),
    "coordinate.zero": Text("0は座標ではないため空欄にしました", "0 is no coordinate and was made empty"),
    "coordinate.pair": Text("緯度と経度を分けました", "latitude and longitude were parted"),
    "coordinate.swapped": Text(
        "入れ替わっていた緯度と経度を戻しました", "swapped latitude and longitude were put right"
    ),
    "coordinate.tokyo-datum": Text(
        "日本測地系から世界測地系に変換しました（誤差は約10 m）", "moved from the Tokyo datum (right to about 10 m)"
    ),
    "coordinate.plane": Text("平面直角座標から緯度・経度に変換しました", "plane rectangular metres became degrees"),
    "coordinate.from-residence": Text(
        "住所の住居番号・地番の座標を入れました（30 m ほど）", "filled in for the residence of the address (about 30 m)"
    ),
    "coordinate.from-block": Text(
        "住所の街区の代表点を入れました（120 m ほど）", "filled in for the block of the address (about 120 m)"
    ),
    "coordinate.from-chome": Text(
        "住所の丁目・小字の代表点を入れました（数百 m）", "filled in for the chome of the address (some hundred metres)"
    ),
    "coordinate.from-oaza": Text(
        "住所の大字・町の代表点を入れました（1 km ほど）", "filled in for the town of the address (about a kilometre)"
    ),
    "address.town": Text("住所から町字を取り出しました", "the town was taken from the address"),
    "address.town-id": Text("住所の町字IDを住所辞書から入れました", "the town's ID was looked up in the gazetteer"),
    "address.building": Text("住所から建物名などを取り出しました", "the building was taken from the address"),
    "parted": Text("一つの欄にある二つの事柄を分けました", "two facts of one cell were parted"),
    "count.none": Text("「なし」を 0 としました", "“none” was taken as 0"),
    "joined": Text("分かれている欄をつなぎました", "parts were joined"),
    "rest": Text("値に書き添えられた言葉を移しました", "words beside a value were moved here"),
    "sum": Text("内訳を足して求めました", "summed from its parts"),
    "column.renamed": Text(
        "レシピの項目の代わりに、似た名前の項目を使いました", "a column of a like name was taken for the recipe's"
    ),
    "override": Text("人が直した値です", "corrected by a person"),
    "held-back": Text("個人の氏名とみて入れませんでした", "held back as a person's name"),
    "dropped": Text("値が使えないため空欄にしました", "the value cannot be used and was left empty"),
}

MENDING: dict[str, Text] = {
    "recognised-unsure": Text(
        "もとの画像と見比べて、値を直してください", "compare with the picture and correct the value"
    ),
    "sum-conflict": Text(
        "もとの表の数を一つずつ見比べ、誤りを直してください", "compare the numbers with the original one by one"
    ),
    "not-a-number": Text(
        "数字だけを入れ、単位や説明は備考の欄へ移してください", "enter digits only; put units and remarks elsewhere"
    ),
    "marked": Text(
        "注の印は値のセルに付けず、内容を備考の欄へ書いてください",
        "keep footnote signs out of the cell; put the note into the remarks",
    ),
    "open-end": Text("終わりの日が決まったら入れてください", "enter the last day when it is known"),
    "other-unit": Text(
        "この項目の単位の数を入れてください（㎡などは別の項目です）",
        "enter a number in the unit of this field (square metres are another)",
    ),
    "formula-error": Text(
        "もとの表の数式を直すか、値を入れてください", "mend the formula in the original, or enter the value"
    ),
    "not-whole": Text("整数で入れてください", "enter a whole number"),
    "a-range": Text("一つの数にするか、備考の欄へ移してください", "enter one number or move it to the remarks"),
    "other-number": Text(
        "一つの数にして、ほかの数は備考の欄へ移してください", "enter one number and move the other to the remarks"
    ),
    "with-condition": Text(
        "条件は備考の欄に残しました。確かめてください", "the condition was kept in the remarks; check it"
    ),
    "about": Text("数字だけを入れてください", "enter digits only"),
    "not-a-flag": Text(
        "「有」か「無」で入れ、説明は備考の欄へ移してください", "enter 有 or 無; put explanations in the remarks"
    ),
    "partly": Text(
        "「有」か「無」に決め、条件は備考の欄へ書いてください",
        "decide for 有 or 無 and state the condition in the remarks",
    ),
    "not-a-date": Text("日付は 2024-04-01 の形で入れてください", "enter dates like 2024-04-01"),
    "no-such-day": Text("暦にある日付に直してください", "correct the day"),
    "no-year": Text("年も入れてください（2024-04-01 の形）", "enter the year as well (2024-04-01)"),
    "year-stated-elsewhere": Text("年も入れてください（2024-04-01 の形）", "enter the year as well (2024-04-01)"),
    "month-only": Text("日も入れてください（2024-04-01 の形）", "enter the day as well (2024-04-01)"),
    "year-only": Text("月日も入れてください（2024-04-01 の形）", "enter month and day as well (2024-04-01)"),
    "short-year": Text("西暦4桁で入れてください（2024-04-01 の形）", "enter a year of four digits (2024-04-01)"),
    "era-bounds": Text("元号と年を確かめてください", "check the era and the year"),
    "american-order": Text("日付は 2024-04-01 の形で入れてください", "enter dates like 2024-04-01"),
    "serial-day": Text("列の書式を日付にするか、2024-04-01 の形で入れてください", "format the column as dates"),
    "not-a-time": Text("時刻は 09:00 の形で入れてください", "enter times like 09:00"),
    "not-weekdays": Text(
        "曜日は「月火水木金」の形で入れ、例外は特記事項へ書いてください", "enter days like 月火水木金"
    ),
    "not-a-phone": Text("電話番号だけを 03-1234-5678 の形で入れてください", "enter only a number like 03-1234-5678"),
    "phone-local": Text("市外局番から入れてください", "enter the area code as well"),
    "not-a-code": Text("6桁の全国地方公共団体コードを入れてください", "enter the six-digit local government code"),
    "wrong-check-digit": Text("番号を確かめてください", "check the number"),
    "code-ambiguous": Text(
        "列の書式を文字列にして6桁で入れてください", "format the column as text and enter six digits"
    ),
    "excel-damaged": Text(
        "列の書式を文字列にして番号を入れ直してください", "format the column as text and enter the numbers again"
    ),
    "date-damaged": Text(
        "列の書式を文字列にして番地を入れ直してください", "format the column as text and enter the street numbers again"
    ),
    "not-a-postal-code": Text("郵便番号は 100-0001 の形で入れてください", "enter postal codes like 100-0001"),
    "not-a-url": Text("http(s):// から始まるURLだけを入れてください", "enter only a URL that begins with http(s)://"),
    "no-scheme": Text("https:// から入れてください", "begin with https://"),
    "not-mail": Text("メールアドレスだけを入れてください", "enter only an e-mail address"),
    "not-kana": Text("全角カタカナで入れてください", "enter full-width katakana"),
    "not-a-coordinate": Text(
        "緯度・経度は 35.689 のように10進の度で入れてください", "enter decimal degrees like 35.689"
    ),
    "outside-japan": Text(
        "緯度（20〜46）と経度（122〜154）を確かめてください", "check latitude (20–46) and longitude (122–154)"
    ),
    "ditto-part": Text("住所を略さずに入れてください", "write the address out"),
    "address-ambiguous": Text("都道府県名から入れてください", "begin with the prefecture"),
    "address-unknown": Text("都道府県名・市区町村名から入れてください", "begin with prefecture and municipality"),
    "address-coarse": Text("町名を確かめるか、座標を入れてください", "check the town's name, or enter the coordinates"),
    "coordinate-half": Text("緯度と経度をそろえて入れてください", "enter both latitude and longitude"),
    "coordinate-elsewhere": Text("座標か住所を確かめてください", "check the coordinates and the address"),
    "coordinate-far": Text("座標か住所を確かめてください", "check the coordinates and the address"),
    "maybe-tokyo-datum": Text(
        "世界測地系（JGD2011）の座標にするか、レシピの geo.transform に from: tokyo と書いてください",
        "give coordinates in JGD2011, or write from: tokyo in the recipe's geo.transform",
    ),
    "person-name": Text(
        "法人でない営業者の氏名は入れず、空欄のままにしてください",
        "leave the cell empty where the business is no company",
    ),
    "not-in-list": Text("決められた語から選んでください", "choose one of the listed words"),
    "broken-characters": Text("もとのファイルをUTF-8で保存し直してください", "save the original again as UTF-8"),
    "not-a-prefecture": Text("「東京都」のように都道府県名を入れてください", "enter a prefecture such as 東京都"),
    "required-with-missing": Text(
        "対になる項目と一緒に入れてください（画像にはそのライセンス、高度の種別には高度の値）",
        "give it together with its counterpart (the licence of an image, the value of a height)",
    ),
    "required-missing": Text(
        "必須の項目です。もとの表に値を入れてください", "this is required; fill it in at the source"
    ),
}
