"""The warranty (表明保証), word for word; a changed text is a new version, an old one is never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tdpf.kit.hashing import canonical_json, sha256_hex


@dataclass(frozen=True, slots=True)
class WarrantyWords:
    """One version of the warranty in both languages; the Japanese text is the binding one."""

    version: str
    ja: str
    en: str

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the canonical JSON of version and both texts."""
        return sha256_hex(canonical_json({"version": self.version, "ja": self.ja, "en": self.en}))


_2026_1 = WarrantyWords(
    version="2026-1",
    ja="""データの提供にあたっての表明保証

私は、提供者を代表して、ここに示す版のデータについて、公開の時点で次のことが事実であると表明し、保証します。

1. 個人情報・個人データがないこと
   データに、個人情報の保護に関する法律にいう個人情報、個人データ、仮名加工情報が含まれていません。ほかの情報と容易に照らし合わせることで特定の人が分かるものも含まれていません。匿名加工情報は、法令の定める手続によって作成したものに限ります。

2. 人の権利を侵害しないこと
   データの提供とその利用条件に沿った利用は、だれのプライバシー、名誉、肖像その他の人格的な権利も、著作権その他の財産的な権利も侵害しません。

3. 元で必要な同意を得ていること
   データを集めるとき、またはほかの者から受け取るときに、この利用条件で提供するために必要な同意や許諾を得ています。

4. 付した情報が正しいこと
   データの名称、説明、項目の意味、単位、時点、地域、出典など、データに付した情報に、知る限り誤りはありません。誤りに気付いたときは、速やかに直します。

5. 事実と違うと分かったとき
   上のいずれかが事実と違う、またはそのおそれがあると知ったときは、直ちに運営者に知らせます。運営者がデータの提供を止め、必要な調査をすることに同意します。
""",
    en="""Warranty for providing data

On behalf of the provider I state and warrant that for the version of the data named here the following is true when it is published.

1. No personal information or personal data
   The data contain no personal information, personal data or pseudonymously processed information in the sense of the Act on the Protection of Personal Information, nor anything by which a particular person could be found when easily compared with other information. Anonymously processed information is contained only if it was made by the procedure the law lays down.

2. No infringement of anyone's rights
   Providing the data, and using them under their terms, infringes nobody's privacy, honour, likeness or other personal rights, nor copyright or other property rights.

3. Consent at the source
   When the data were collected, or received from others, every consent and permission needed to provide them under these terms was obtained.

4. Correct annotations
   To the best of my knowledge what is said about the data, such as name, description, meaning of columns, units, time, place and source, is correct. When I notice an error I will mend it without delay.

5. When it turns out otherwise
   When I learn that any of the above is or may be untrue, I will tell the operator at once. I agree that the operator may stop the data and make the inquiries that are needed.
""",
)

WARRANTIES: Mapping[str, WarrantyWords] = {words.version: words for words in (_2026_1,)}
IN_FORCE = _2026_1
