"""The messages of the screens, found in the code as gettext's tools find them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from config_tui.kit.language import read_catalogue

PACKAGE = Path(__file__).parents[3] / "config_tui"
_HEADER = """\
# The screens of flexVDI Config. Empty translations are shown in English.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def messages() -> dict[str, str]:
    """Every message with the module it is first found in."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "N_"):
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                    found.setdefault(text.value, str(path.relative_to(PACKAGE.parent)))
    return found


def placeholders(text: str) -> list[str]:
    """The names in braces, in alphabetical order."""
    return sorted(re.findall(r"\{[a-z_0-9]*\}", text))


def update(path: Path, language: str) -> None:
    """Write the catalogue anew: messages of the code, translations it already had."""
    known = read_catalogue(path.read_text()) if path.exists() else {}
    blocks = [_HEADER.format(language=language)]
    for message, place in sorted(messages().items(), key=lambda item: (item[1], item[0])):
        translation = known.get(message, "")
        blocks.append(
            f"#: {place}\nmsgid {json.dumps(message, ensure_ascii=False)}\n"
            f"msgstr {json.dumps(translation, ensure_ascii=False)}\n"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(blocks))
