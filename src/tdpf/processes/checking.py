"""`tdpf check`: does everything still hold?"""

from __future__ import annotations

from tdpf.controlplane.operations.queries import chain_head, check_everything
from tdpf.controlplane.operations.types import Severity


def print_findings() -> int:
    """Print every finding in both languages; return 1 when a promise is broken, else 0."""
    findings = check_everything()
    for finding in findings:
        print(
            f"{finding.severity.value:<8}{finding.code}\n        {finding.sentence.ja}\n        {finding.sentence.en}"
        )
    if any(finding.severity is Severity.FAULT for finding in findings):
        return 1
    head = chain_head()
    sealed, digest = head or (0, "–")
    print(f"異常はありません / all is well（監査ログ / audit entries: {sealed}, {digest[:16]}）")
    return 0
