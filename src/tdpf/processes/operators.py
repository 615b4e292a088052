"""`tdpf operator`: the first operator of a real installation."""

from __future__ import annotations

import getpass
import sys

from tdpf.controlplane.members import services
from tdpf.kit.errors import Problem


def make_operator(email: str) -> int:
    """Ask for a password, make the account with an authenticator app, and print its secret once; return the exit code."""
    password = getpass.getpass("パスワード / password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        member = services.create_operator(email=email, password=password)
        totp_secret = services.set_totp_secret(member_uid=member.uid)
    except Problem as problem:
        print(f"{problem.detail_in('ja')}\n{problem.detail_in('en')}", file=sys.stderr)
        return 1
    print(f"運営者のアカウントを作りました / operator account made: {email}")
    print(f"認証アプリに登録してください / add to an authenticator app: {totp_secret}")
    return 0
