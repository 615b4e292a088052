"""What can go wrong with applications, keys and the snapshot."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class UnknownApplication(Problem):
    """There is no such application, or the caller may not know of it."""

    code = "access/unknown-application"
    status = 404
    title = Text("利用アプリが見つかりません", "No such application")
    detail = Text("利用アプリ {application} は見つかりません。", "There is no application {application}.")
    cure = Text(
        "「利用アプリ」の一覧で識別子を確かめてください。", "Check the identifier in your list of applications."
    )


class UnknownKey(Problem):
    """There is no such key, or the caller may not know of it."""

    code = "access/unknown-key"
    status = 404
    title = Text("APIキーが見つかりません", "No such key")
    detail = Text("APIキー {key} は見つかりません。", "There is no key {key}.")
    cure = Text(
        "利用アプリのページでキーの一覧を確かめてください。", "Check the list of keys on the application's page."
    )


class ApplicationNotActive(Problem):
    """A closed or suspended application gets no keys and asks for no offers."""

    code = "access/application-not-active"
    status = 409
    title = Text("利用アプリは有効ではありません", "The application is not active")
    detail = Text("利用アプリ「{name}」は現在「{state}」です。", "The application “{name}” is {state}.")
    cure = Text(
        "別の利用アプリを登録するか、停止の理由を運営者に確認してください。",
        "Register another application, or ask the operator why this one was stopped.",
    )


class ApplicationInvalid(Problem):
    """The form for an application has mistakes; `errors` names each field."""

    code = "access/application-invalid"
    status = 422
    title = Text("利用アプリの内容に誤りがあります", "The application has mistakes")
    detail = Text("入力の誤りを直してください。", "Please mend the marked fields.")
    cure = Text(
        "名前は1〜120文字、同じ所有者の中で重ならないこと。", "A name has 1-120 characters and is unique per owner."
    )


class KeyInvalid(Problem):
    """The wish for a key has mistakes; `errors` names each field."""

    code = "access/key-invalid"
    status = 422
    title = Text("APIキーの内容に誤りがあります", "The key cannot be issued like this")
    detail = Text("入力の誤りを直してください。", "Please mend the marked fields.")
    cure = Text(
        "名前（有効なキーどうしで重ならないこと）、期限（未来の日時）、権限の範囲（data:read, datasets:write, uploads:write, requests:write, feedback:write）を確かめてください。",
        "Check the name (unlike that of any other live key), the expiry (in the future) and the scopes (data:read, datasets:write, uploads:write, requests:write, feedback:write).",
    )


class KeyNotLive(Problem):
    """A revoked or expired key cannot be rotated or revoked again."""

    code = "access/key-not-live"
    status = 409
    title = Text("このキーはもう有効ではありません", "This key is no longer live")
    detail = Text("キー「{name}」は失効しているか期限が切れています。", "The key “{name}” is revoked or expired.")
    cure = Text("新しいキーを発行してください。", "Issue a new key.")


class KeyOfGathering(Problem):
    """The key belongs to a gathered table: nobody else knows it, and without it the table answers nothing."""

    code = "access/key-of-gathering"
    status = 409
    title = Text("このキーは集約が使っています", "This key is used by a gathered table")
    detail = Text(
        "キー「{name}」は、集約「{collection}」が集める先のデータを呼び出すためのもので、入れ替えたり失効させたりすると集約が止まります。",
        "The key “{name}” is what the gathered table “{collection}” asks its parts with; without it the table would stop.",
    )
    cure = Text(
        "このキーの値は誰にも見えないため、入れ替えは要りません。止めたいときは集約の提供をやめ、別のキーにしたいときは集約で別の利用アプリを選んで保存してください。",
        "Nobody can see this key, so it needs no rotation. To stop it, withdraw the gathered table; for another key, choose another application in the gathering and save it.",
    )


class CredentialNeeded(Problem):
    """The call needs a key or token and brought none."""

    code = "access/credential-needed"
    status = 401
    title = Text("APIキーが必要です", "A key is needed")
    detail = Text(
        "この操作には Authorization: Bearer または X-API-Key でキーを付けてください。",
        "This call needs a key, sent as Authorization: Bearer or X-API-Key.",
    )
    cure = Text(
        "利用アプリを登録してキーを発行し、Authorization: Bearer tdpf_… として送ってください。",
        "Register an application, issue a key and send it as Authorization: Bearer tdpf_….",
    )


class CredentialRefused(Problem):
    """The key or token is unknown, expired or revoked; which of them is not told."""

    code = "access/credential-refused"
    status = 401
    title = Text("APIキーが無効です", "The key is not valid")
    detail = Text(
        "このキーまたはトークンは、登録がないか、期限切れか、失効しています。",
        "The key or token is unknown, expired or revoked.",
    )
    cure = Text(
        "キーの写し間違いがないか、利用アプリのページで有効なキーか、確かめてください。",
        "Check that the key was copied whole and is live on the application's page.",
    )


class TwoCredentials(Problem):
    """The call brought more than one key."""

    code = "access/two-credentials"
    status = 400
    title = Text("APIキーが二つあります", "Two keys were sent")
    detail = Text("一回の呼び出しに付けられるキーは一つです。", "One call carries one key.")
    cure = Text(
        "Authorization、X-API-Key、apikey のどれか一つにしてください。",
        "Send one of Authorization, X-API-Key and apikey.",
    )


class ScopeMissing(Problem):
    """The key's scopes do not include what the call needs."""

    code = "access/scope-missing"
    status = 403
    title = Text("キーの権限の範囲が足りません", "The key's scopes do not suffice")
    detail = Text("この操作には範囲 {scope} が必要です。", "This call needs the scope {scope}.")
    cure = Text(
        "必要な範囲を選んで新しいキーを発行してください（多要素認証が必要です）。",
        "Issue a new key with that scope (a second factor is needed).",
    )


class TooManyWrites(Problem):
    """The key wrote more often than it may."""

    code = "access/too-many-writes"
    status = 429
    title = Text("書き込みの回数が多すぎます", "Too many writes")
    detail = Text(
        "1分あたり {limit} 回までです。{retry_after_seconds} 秒後にもう一度どうぞ。",
        "At most {limit} writes a minute; try again in {retry_after_seconds} seconds.",
    )
    cure = Text(
        "Retry-After の秒数を待ってから送り直してください。", "Wait for the seconds in Retry-After, then resend."
    )


class OAuthRefused(Problem):
    """The token endpoint refuses (RFC 6749 §5.2); `error` is the code defined there."""

    code = "access/oauth-refused"
    status = 400
    title = Text("トークンを発行できません", "No token can be issued")
    detail = Text("理由: {description_ja}", "Reason: {error_description}")
    cure = Text(
        "client_id に利用アプリの識別子、client_secret にそのアプリの有効なキーを指定してください。",
        "Send the application's identifier as client_id and one of its live keys as client_secret.",
    )


class InvalidClient(OAuthRefused):
    """The client is unknown or its secret wrong."""

    code = "access/invalid-client"
    status: ClassVar[int] = 401


class UnknownSetting(Problem):
    """The operator's settings have no such name, or the value does not fit."""

    code = "access/unknown-setting"
    status = 422
    title = Text("設定できません", "Not a setting")
    detail = Text("設定「{name}」にこの値は使えません。", "The setting {name} cannot take this value.")
    cure = Text("設定のページにある項目と値を使ってください。", "Use the names and values shown on the settings page.")


class UnknownShard(Problem):
    """No shard has this hash."""

    code = "access/unknown-shard"
    status = 404
    title = Text("スナップショットの断片が見つかりません", "No such shard")
    detail = Text("断片 {sha256} はありません。", "There is no shard {sha256}.")
    cure = Text("最新のマニフェストを取り直してください。", "Fetch the manifest again.")


class SourceInvalid(Problem):
    """The document of a source connection has mistakes; `errors` names each member."""

    code = "access/source-invalid"
    status = 422
    title = Text("接続の内容に誤りがあります", "The source connection has mistakes")
    detail = Text("入力の誤りを直してください。", "Please mend the marked members.")
    cure = Text(
        "書き方は docs/reference/source-connection.md にあります。入力した内容は消えていません。",
        "docs/reference/source-connection.md tells the form; nothing typed was lost.",
    )


class UnknownSource(Problem):
    """There is no such source connection, or the caller may not know of it."""

    code = "access/unknown-source"
    status = 404
    title = Text("接続が見つかりません", "No such source connection")
    detail = Text(
        "データセット {dataset} に接続「{name}」はありません。",
        "The dataset {dataset} has no source connection “{name}”.",
    )
    cure = Text("データセットの管理のページで接続を作ってください。", "Make the connection on the dataset's desk.")


class NothingToTest(Problem):
    """The connection has no allowed GET without parameters, and no path to test was named."""

    code = "access/nothing-to-test"
    status = 409
    title = Text("試すパスがありません", "There is nothing to test")
    detail = Text(
        "パラメータのない GET の操作がないため、何を呼べばよいか分かりません。",
        "There is no GET operation without parameters to call.",
    )
    cure = Text("「試すパス」に、実際に呼べるパスを入れてください。", "Name a path to test that can really be called.")
