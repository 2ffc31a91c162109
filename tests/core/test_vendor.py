"""The front end keeps its promises: nothing from the network, nothing inline, nothing that old browsers lack."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("apps/*/templates/**/*.html")])
STYLES = sorted(STATIC.glob("**/*.css"))
OWN_SCRIPTS = sorted((STATIC / "js").glob("*.js"))

MISSING_IN_CHROME_90 = ("color-mix(", ":has(", "oklch(", "oklab(", "@container", "@layer", "@scope", "dvh")
"""What the browsers of domestic desktops (Chromium 90 to 93) do not understand."""

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "htmx code in an attribute": re.compile(r"<[^>]*\shx-(on|vals=.js:|vars)", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
}
SCRIPT = re.compile(r"<script\b([^>]*)>", re.I)
ADDRESS = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//[^"']*""", re.I)


def relative(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def listed() -> Iterator[tuple[str, str]]:
    for line in (VENDOR / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        yield digest, name.removeprefix("./")


def test_every_vendored_file_has_the_digest_that_was_recorded() -> None:
    wrong = [n for digest, n in listed() if hashlib.sha256((VENDOR / n).read_bytes()).hexdigest() != digest]
    assert wrong == []


def test_no_vendored_file_is_unrecorded() -> None:
    present = {p.relative_to(VENDOR).as_posix() for p in VENDOR.rglob("*") if p.is_file()}
    assert present - {"SHA256SUMS"} == {name for _, name in listed()}


def test_every_package_of_the_build_is_pinned_exactly() -> None:
    package = json.loads((ROOT / "frontend/package.json").read_text())
    loose = {
        name: version
        for group in ("dependencies", "devDependencies")
        for name, version in package[group].items()
        if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    }
    assert loose == {}


@pytest.mark.parametrize("name", relative(TEMPLATES))
def test_a_template_holds_no_inline_script_or_style_and_no_foreign_address(name: str) -> None:
    text = (ROOT / name).read_text()
    found = [what for what, pattern in INLINE.items() if pattern.search(text)]
    inline = [a for a in SCRIPT.findall(text) if "src=" not in a and "application/json" not in a]
    assert (found, inline, ADDRESS.findall(text)) == ([], [], [])


@pytest.mark.parametrize("name", relative(STYLES))
def test_a_style_sheet_asks_nothing_of_the_network_or_of_newer_browsers(name: str) -> None:
    text = (ROOT / name).read_text()
    foreign = [url for url in re.findall(r"url\(\s*[\"']?([^\"')]+)", text) if not url.startswith("../")]
    assert foreign == []
    assert [feature for feature in MISSING_IN_CHROME_90 if feature in text] == []
    assert "&" not in re.sub(r'"[^"]*"', "", text), "nested rules"


def test_every_picture_of_a_style_sheet_is_there() -> None:
    missing = [
        (sheet.name, url)
        for sheet in STYLES
        for url in re.findall(r"url\(\s*[\"']?(\.\./[^\"')]+)", sheet.read_text())
        if not (sheet.parent / url).resolve().is_file()
    ]
    assert missing == []


def test_no_static_file_names_a_source_map_that_is_not_shipped() -> None:
    files = [p for p in STATIC.rglob("*") if p.suffix in (".js", ".css")]
    named = re.compile(r"^//[#@] sourceMappingURL=|/\*# sourceMappingURL=", re.M)
    assert [p.name for p in files if named.search(p.read_text())] == []


@pytest.mark.parametrize("name", relative(OWN_SCRIPTS))
def test_our_scripts_build_no_code_and_no_markup_from_text(name: str) -> None:
    text = (ROOT / name).read_text()
    risky = (r"\beval\(", r"new Function", r"\.(inner|outer)HTML\s*\+?=(?!=)", r"insert(Adjacent)?HTML", r"document\.write", r"\.style\b")
    assert [pattern for pattern in risky if re.search(pattern, text)] == []
