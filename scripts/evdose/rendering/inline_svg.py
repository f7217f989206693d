"""Figures inside a page: an SVG that shares no identifier, style or script with the rest of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_LEFT_OUT = {f"{{{_SVG}}}{tag}" for tag in ("script", "foreignObject", "metadata", "style", "title")}
_REFERENCE = re.compile(r"""(?:url\(|href=["'])#([^)"']+)""")
_LOCAL_URL = re.compile(r"url\(#([^)]*)\)")
_FINE = re.compile(r"(\.\d\d)\d+")  # beyond a hundredth of a point nobody sees a difference
_OWN_HREF = ("#", "data:image/png;base64,")


def inline_svg(svg: str, prefix: str, label: str, section_of: Callable[[str], str]) -> str:
    """``svg`` for use inside an HTML page, as an image that is read out as ``label``.

    Identifiers that the figure itself refers to get ``prefix``, so that several figures can share a page; the
    others are dropped, as are scripts, event handlers, styles (the page has them), foreign content and links
    out of the file. A point of an arm (a group with the id ``arm:<record>:<number>``) tells its record on
    hovering and carries, as ``data-href``, the address that ``section_of`` gives for it.

    Raises:
        xml.etree.ElementTree.ParseError: it isn't well-formed XML.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(svg)
    used = set(_REFERENCE.findall(svg))
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _LEFT_OUT]:
            parent.remove(child)
    for element in list(root.iter()):
        _point_at_record(element, section_of)
        _make_own(element, prefix, used)
        _close_up(element)
    for group in root.iter(f"{{{_SVG}}}g"):
        _join_strokes(group)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.set("role", "img")
    root.set("aria-label", label)
    return ElementTree.tostring(root, encoding="unicode")


def _point_at_record(element: ElementTree.Element, section_of: Callable[[str], str]) -> None:
    parts = element.get("id", "").split(":")
    if parts[0] == "arm" and len(parts) >= 3:
        element.set("data-href", section_of(parts[1]))
        title = ElementTree.Element(f"{{{_SVG}}}title")
        title.text = f"{parts[1]}, arm {parts[2]}"
        element.insert(0, title)


def _make_own(element: ElementTree.Element, prefix: str, used: set[str]) -> None:
    for name, value in list(element.attrib.items()):
        if (
            name.lower().startswith("on")
            or (name in {_HREF, "href"} and not value.startswith(_OWN_HREF))
            or (name == "id" and value not in used)
        ):
            del element.attrib[name]
        elif name == "id":
            element.set(name, prefix + value)
        elif name in {_HREF, "href"} and value.startswith("#"):
            element.set(name, f"#{prefix}{value[1:]}")
        elif name in {"d", "x", "y"}:
            element.set(name, " ".join(_FINE.sub(r"\1", value).split()))
        elif "url(" in value:
            element.set(name, _LOCAL_URL.sub(rf"url(#{prefix}\1)", value))


def _join_strokes(group: ElementTree.Element) -> None:
    """Make one path of lines that follow each other and look alike: a collection repeats its look each time.

    Not of what is filled or lets something through, as its parts would show where they cross.
    """
    last = None
    for line in list(group):
        style = line.get("style", "")
        plain = line.tag == f"{{{_SVG}}}path" and "fill: none" in style and "opacity" not in style
        if plain and last is not None and _look(line) == _look(last):
            last.set("d", f"{last.get('d')}{line.get('d')}")
            group.remove(line)
        else:
            last = line if plain else None


def _look(line: ElementTree.Element) -> dict[str, str]:
    return {name: value for name, value in line.attrib.items() if name != "d"}


def _close_up(element: ElementTree.Element) -> None:
    """Drop the white space between elements; that inside a text stays."""
    if not element.tag.endswith(("}text", "}tspan")):
        element.text = (element.text or "").strip() and element.text
    element.tail = (element.tail or "").strip() and element.tail
