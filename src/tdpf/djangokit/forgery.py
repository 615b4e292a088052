"""The answer to a form that did not come from our own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tdpf.djangokit.problems import problem_response
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class FormNotOurs(Problem):
    """The form carries no valid proof that it came from our page (cross-site request forgery)."""

    code = "platform/form-not-ours"
    status = 403
    title = Text("フォームの確認ができませんでした", "The form could not be verified")
    detail = Text(
        "このフォームは開いてから時間がたったか、別のサイトから送られたため、受け付けませんでした。",
        "The form was refused: it is too old, or it was sent from another site.",
    )
    cure = Text(
        "前のページに戻って読み込み直し、Cookieが許可されていることを確かめて、もう一度送信してください。",
        "Go back, reload the page, check that cookies are allowed, and send the form again.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer Django's CSRF check in our own words."""
    del reason
    return problem_response(request, FormNotOurs())
