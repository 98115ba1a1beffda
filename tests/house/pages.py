"""House rules on templates: each one compiles in the house's own environment, and each one is used."""

import ast
import re
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta

from tests.house.source import modules

SUFFIXES = {".html", ".svg", ".xml", ".txt"}


def templates(root: Path) -> list[str]:
    """The names of all Jinja templates."""
    folder = root / "templates"
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix in SUFFIXES
    )


def compile_all(root: Path, environment: Environment) -> list[str]:
    """Each template can be read, and knows every filter and test that it names."""
    found = []
    for name in templates(root):
        source = (root / "templates" / name).read_text(encoding="utf-8")
        try:
            environment.compile(source, name)
        except TemplateSyntaxError as fault:
            found.append(f"templates/{name}:{fault.lineno}: {fault.message}")
    return found


def all_used(root: Path, environment: Environment) -> list[str]:
    """Each template is named by code or by another template; each one named is there."""
    there = set(templates(root))
    named: dict[str, str] = {}
    for module in modules(root):
        for node in ast.walk(module.tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.fullmatch(r"[\w.-]+/[\w./-]+\.(html|svg|xml|txt)", text):
                named[text] = module.at(node)
    for name in there:
        tree = environment.parse((root / "templates" / name).read_text(encoding="utf-8"))
        for other in meta.find_referenced_templates(tree):
            if other is not None:
                named[other] = f"templates/{name}"
    unused = [f"templates/{name}: nothing uses it" for name in sorted(there - set(named))]
    folders = {name.partition("/")[0] for name in there}
    missing = [
        f"{place}: there is no template {name}"
        for name, place in sorted(named.items())
        if name not in there and name.partition("/")[0] in folders
    ]
    return unused + missing


def static_files_there(root: Path) -> list[str]:
    """Each static file that a template asks for is there: its address carries its hash, so a page without it breaks."""
    found = []
    for name in templates(root):
        text = (root / "templates" / name).read_text(encoding="utf-8")
        for asked in re.findall(r"""\bstatic\(\s*["']([^"']+)["']""", text):
            if not (root / "lti_tool" / "web" / "static" / asked).is_file():
                found.append(f"templates/{name}: there is no static file {asked}")
    return found


def no_inline(root: Path) -> list[str]:
    """No inline style, script or event handler: the content security policy would silently switch it off."""
    found = []
    for name in templates(root):
        if not name.endswith(".html"):
            continue
        for number, line in enumerate((root / "templates" / name).read_text(encoding="utf-8").splitlines(), 1):
            if re.search(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", line):
                found.append(f"templates/{name}:{number}: inline style or script")
            for tag in re.findall(r"<script\b[^>]*>", line):
                if "nonce" not in tag:
                    found.append(f"templates/{name}:{number}: a script without a nonce")
    return found


# What may be said to anybody, because a specification has it so: it tells nothing, and no answer to it is a secret.
_TO_ANYBODY = ("`${prefix}capabilities`", '"org.imsglobal.lti.close"')


def messages_to_somebody(root: Path) -> list[str]:
    """A message to another window names the origin that may read it; `"*"` stands only where LTI demands it."""
    found = []
    for path in sorted((root / "lti_tool" / "web" / "static").glob("*.js")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = line.partition("//")[0]
            anybody = re.search(r"""["'`]\*["'`](?!\s*\?)""", code)
            if anybody and not any(subject in code for subject in _TO_ANYBODY):
                found.append(f"{path.relative_to(root).as_posix()}:{number}: a message to anybody")
    return found
