"""The fixtures of this folder stand in `cast_of_members`, where tests can also import its functions."""

from cast_of_members import (
    announced,
    approved,
    hana,
    operator,
    quick_and_alone,
    submitted,
    taro,
)

__all__ = ["announced", "approved", "hana", "operator", "quick_and_alone", "submitted", "taro"]
