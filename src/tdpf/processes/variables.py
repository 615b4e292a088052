"""Every variable an installation may set; `docs/reference/settings.md` is written from this list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One TDPF_* environment variable: its default as told to people, and what it decides."""

    name: str
    default: str
    ja: str
    en: str


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "TDPF_HOME", "`var/`", "データ・秘密情報・索引などを置くフォルダ", "Folder of data, secrets, index and logs"
    ),
    Variable("TDPF_PORT", "`8080`", "ゲートウェイが待ち受けるポート", "Port the gateway listens on"),
    Variable(
        "TDPF_URL",
        "`http://localhost:{port}`",
        "公開するURL。ホスト名、CSRF、パスキーの名前はここから決まる",
        "Public address; host names, CSRF and passkey names follow from it",
    ),
    Variable(
        "TDPF_DEMO",
        "`1` in `make run`, else off",
        "`1` で見本データと見本アカウントを作る",
        "`1` makes sample data and sample accounts",
    ),
    Variable(
        "TDPF_DATABASE_URL",
        "SQLite in `TDPF_HOME`",
        "`postgresql://名前:パスワード@ホスト/データベース` で PostgreSQL を使う",
        "`postgresql://name:password@host/database` moves everything to PostgreSQL",
    ),
    Variable(
        "TDPF_LEDGER_URL",
        "schema `ledger` of the same server",
        "台帳だけ別のデータベースに置く",
        "A database of its own for the ledger",
    ),
    Variable(
        "TDPF_GATEWAY_URL",
        "`http://127.0.0.1:{port}`",
        "ポータル自身が行を取りに行くゲートウェイ",
        "Gateway the portal itself asks for rows",
    ),
    Variable(
        "TDPF_PORTAL_WORKERS",
        "`2`",
        "ポータルのプロセスの数。一つが300MBほど使う",
        "Number of processes of the portal, about 300 MB each",
    ),
    Variable(
        "TDPF_TRUSTED_PROXIES",
        "`0`",
        "ゲートウェイの前に置いた入口（TLSプロキシなど）の数。呼び手のアドレスをその数だけ前から取る",
        "Number of proxies (TLS and the like) in front of the gateway whose word on the caller's address is believed",
    ),
    Variable(
        "TDPF_TLS_PORT",
        "off",
        "ゲートウェイがTLSで待ち受けるポート（HTTP/1.1とHTTP/2）。`TDPF_PORT` も残るので、外からは閉じる",
        "Port on which the gateway speaks TLS (HTTP/1.1 and HTTP/2); `TDPF_PORT` stays, so close it to the outside",
    ),
    Variable("TDPF_TLS_CERTIFICATE", "–", "証明書の連鎖（PEM）のファイル", "PEM file of the certificate chain"),
    Variable("TDPF_TLS_KEY", "–", "証明書の鍵（PEM）のファイル", "PEM file of the certificate's key"),
    Variable(
        "TDPF_QUIC",
        "off",
        "`1` で、`TDPF_TLS_PORT` のUDPでHTTP/3も使う",
        "`1` speaks HTTP/3 too, on UDP of `TDPF_TLS_PORT`",
    ),
    Variable(
        "TDPF_NODES_PORT",
        "off",
        "管理の側が、ほかの機械のゲートウェイと配信を相互TLSで受け入れるポート（`tdpf run nodes`）",
        "Port on which the control plane lets in gateways and deliveries of other machines, TLS both ways (`tdpf run nodes`)",
    ),
    Variable(
        "TDPF_CONTROL",
        "the sockets in `{TDPF_HOME}/run`",
        "管理の側が別の機械にあるとき、その `host:port`。証明書は `tdpf node join` が置く",
        "`host:port` of a control plane on another machine; `tdpf node join` brings the certificate",
    ),
    Variable(
        "TDPF_ASSETS",
        "`{TDPF_HOME}/assets`",
        "画面の素材（スクリプト・書体）のフォルダ",
        "Folder of the pages' scripts, styles and fonts",
    ),
    Variable(
        "TDPF_GAZETTEER",
        "`{TDPF_HOME}/gazetteer/places.tdg`",
        "住所辞書（`tdpf gazetteer build` が作るファイル）",
        "The gazetteer, a file that `tdpf gazetteer build` makes",
    ),
    Variable(
        "TDPF_ALLOW_PRIVATE_FETCH",
        "off",
        "`1` で、会員が指定したURLが組織内のアドレスでも取得を許す",
        "`1` lets URLs named by members point at private addresses",
    ),
    Variable(
        "TDPF_KEPT_MB",
        "`20480`",
        "つないだファイルを表にして置くディスクの上限（MB）。足りなくなると、確かめたのが最も古いものから消え、次に使うときに取り直す",
        "Disk in MB for tables made of connected files; those asked longest ago are given up first and fetched anew when needed",
    ),
    Variable(
        "TDPF_KEPT_EACH_MB",
        "`2048`",
        "そのうち、一つの表が使える上限（MB）",
        "What one such table may take of it, in MB",
    ),
    Variable(
        "TDPF_GATHERED_MB",
        "`512`",
        "集約で一度に集めている答えの上限（MB。配信のプロセスごと）",
        "MB of answers that are being gathered at a time, in each process of delivery",
    ),
    Variable(
        "TDPF_GATHERED_EACH_MB",
        "`128`",
        "そのうち、一つの集約した表が使える上限（MB）",
        "What one gathered table may take of it, in MB",
    ),
    Variable(
        "TDPF_HARVEST_AT_ONCE",
        "`2`",
        "同時に自動収集するサイトの数。`0` で収集を始めない",
        "Number of sites that are read at the same time; `0` begins no run",
    ),
    Variable(
        "TDPF_KEEP_RUNS_DAYS",
        "`365`",
        "収集の記録を残す日数。データの来歴が名指す収集と、収集元ごとの最後の収集は消さない",
        "Days for which runs are kept; those that a dataset's provenance names, and the last one of each site, are never removed",
    ),
    Variable(
        "TDPF_KEEP_FAULTS_DAYS",
        "`90`",
        "収集で読めなかったものの記録を残す日数",
        "Days for which it is kept what runs left out",
    ),
    Variable(
        "TDPF_KEEP_LINKS_DAYS",
        "`365`",
        "リンク確認の履歴と、収集元に載らなくなったリンクを残す日数。リンクごとの最後の確認は消さない",
        "Days for which the history of links, and links that a source names no more, are kept; of each link the last look stays",
    ),
    Variable(
        "TDPF_KEEP_VISITORS_DAYS",
        "`365`",
        "使い終わった確認リンクと、何も残していない訪問者のアドレスを残す日数",
        "Days for which used links of confirmation, and addresses of visitors of whom nothing else is here, are kept",
    ),
    Variable(
        "TDPF_SEMANTIC",
        "on where `tdpf[semantic]` is installed",
        "`0` で、意味の近いデータを検索結果に加えない（モデルを読み込まない）",
        "`0` adds no results by meaning to a search and loads no model",
    ),
    Variable(
        "TDPF_EMAIL_BACKEND", "files when no SMTP host is set", "Django のメール送信クラス", "Django mail backend class"
    ),
    Variable(
        "TDPF_SMTP_HOST",
        "–",
        "SMTPサーバー。なければメールは `mail/` に置かれる",
        "SMTP server; without one, mails are written to `mail/`",
    ),
    Variable("TDPF_SMTP_PORT", "`25`", "SMTPのポート", "Port of the SMTP server"),
    Variable("TDPF_SMTP_LOGIN", "–", "SMTPのログイン名", "Login at the SMTP server"),
    Variable("TDPF_SMTP_PASSWORD", "–", "SMTPのパスワード", "Password at the SMTP server"),
    Variable("TDPF_SMTP_TLS", "off", "`1` でSTARTTLSを使う", "`1` uses STARTTLS"),
    Variable("TDPF_MAIL_FROM", "`TDPF <no-reply@{host}>`", "差出人", "Sender of mails"),
    Variable(
        "TDPF_CONTACT",
        "–",
        "運営者の問い合わせ先メール。ヘルプなどのページに示す",
        "Mail address of the operator, shown on help and other pages",
    ),
    Variable("TDPF_LOG_LEVEL", "`INFO`", "ログの細かさ", "How much is logged"),
    Variable(
        "TDPF_CORPUS",
        "`../shared/data` if it exists",
        "検査に使う実際の自治体ファイルのフォルダ",
        "Folder of real municipal files for the tests",
    ),
)

# Set by one of our processes for another, not by people.
INTERNAL = frozenset({"TDPF_SERVING_PARENT", "TDPF_SERVING_SOCKET", "TDPF_RUN_PARENT", "TDPF_DELIVERY_NAME"})
