# SPDX-License-Identifier: GPL-2.0
"""The project's manual pages, as a reader sees them."""

import pathlib
import re

MAN = pathlib.Path(__file__).resolve().parent.parent / "man"


def words(*names: str) -> str:
    """The words of manual pages, with one blank between them and no markup."""
    text = " ".join((MAN / name).read_text() for name in names)
    text = re.sub(r"^\.(?:B|TP|IP|PP|SH|SS|EX|EE|br)\b *", "", text, flags=re.MULTILINE)
    text = re.sub(r"\\f[A-Z]|\\&", "", text).replace("\\-", "-")
    return " ".join(text.split())
