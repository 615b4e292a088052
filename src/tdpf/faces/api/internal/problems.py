"""Refusals of the internal API."""

from __future__ import annotations

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class NodeNotTrusted(Problem):
    """The caller did not bring the node secret."""

    code = "internal/node-not-trusted"
    status = 401
    title = Text("内部の呼び出しではありません", "Not a node of this platform")
    detail = Text("ノードの秘密が正しくありません。", "The node secret is missing or wrong.")
    cure = Text(
        "secrets/node.secret を Authorization: Bearer で送ってください。", "Send secrets/node.secret as Bearer."
    )


class AnothersName(Problem):
    """A node on another machine speaks for a gateway or delivery that is not its own."""

    code = "internal/anothers-name"
    status = 403
    title = Text("ほかのノードの名前です", "The name of another node")
    detail = Text(
        "証明書のノードは {name} の名前では知らせられません。",
        "The node of this certificate may not speak for {name}.",
    )
    cure = Text(
        "tdpf node add と同じ名前で動かしてください（--name）。",
        "Run it under the name that tdpf node add was given (--name).",
    )


class SecretMissing(Problem):
    """The installation has no node secret, so that no node can be trusted."""

    code = "internal/secret-missing"
    status = 503
    title = Text("ノードの秘密がありません", "There is no node secret")
    detail = Text("secrets/node.secret がありません。", "secrets/node.secret is missing.")
    cure = Text("tdpf run を一度実行すると作られます。", "It is made when tdpf run starts.")


class MessageRefused(Problem):
    """The body is not the agreed message."""

    code = "internal/message-refused"
    status = 422
    title = Text("メッセージの形が正しくありません", "Not the agreed message")
    detail = Text("理由: {what}", "Reason: {what}")
    cure = Text("wire の版が揃っているか確かめてください。", "Check that both planes speak the same version of wire.")


class BadQuestion(Problem):
    """A query parameter is not a number."""

    code = "internal/bad-question"
    status = 422
    title = Text("パラメータが正しくありません", "A parameter is wrong")
    detail = Text(
        "{parameter} には 0 以上の整数を指定してください。", "{parameter} must be a whole number from 0 upwards."
    )
    cure = Text("数字で指定してください。", "Send a number.")


class MethodRefused(Problem):
    """The address knows another method."""

    code = "internal/method-refused"
    status = 405
    title = Text("このメソッドは使えません", "Not this method")
    detail = Text("{allowed} を使ってください。", "Use {allowed}.")
    cure = Text("メソッドを確かめてください。", "Check the method.")
