"""The documentation: its examples run and print what they promise, its sessions are real, its tables are the code's.

After a change that a session or a table shows, run `python -m tests.documentation`.
"""

import gc
import re
import tomllib
from pathlib import Path

import pytest

import snaptasks
from snaptasks import ErrorType, jsonrpc, rest, sql, testing
from snaptasks.testing import strategies, vectors
from tests.documentation import CODES, GENERATED, PAGES, Reader, blocks, generated, name_of, rules_by_code
from tests.paths import ROOT

README = ROOT / "README.md"
IDS = [name_of(page) for page in PAGES]

# Pages that hold several implementations against the kit.
SLOW = {"docs/how-to/conform-in-ci.md", "docs/how-to/write-a-source.md", "docs/tutorials/test-against-it.md"}

# Blocks that need a server, a new environment or another machine: the integration tests and .ci/run take them from here.
RUN_ELSEWHERE = {"served", "test", "try"}

# The first words of commands that a reader types and that need what these tests do not have.
COMMANDS = {".", "cp", "curl", "datamodel-codegen", "export", "git", "gunicorn", "nox", "openapi-python-client", "pip",
    "pre-commit", "psql", "pytest", "python", "python3", "snaptasks", "uvicorn", "waitress-serve"}  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=name_of(page), marks=[pytest.mark.slow] * (name_of(page) in SLOW)) for page in PAGES],
)
def test_page_runs_as_it_stands(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run the blocks of a page in order, in one directory and one namespace.

    A comment after a print, or a line that is only a comment, is what the block prints. A block after
    `<!-- save: NAME -->` is a file. A session shows what a terminal shows.
    """
    reader = Reader(tmp_path)
    monkeypatch.chdir(tmp_path)
    promises = 0
    for block in blocks(page):
        if block.mark.startswith("save: "):
            reader.save(block)
        elif block.mark:
            assert block.mark in RUN_ELSEWHERE
        elif block.language == "python":
            exec(compile(block.text, name_of(page), "exec"), reader.namespace)
            promised = re.findall(r"^# (.*)|print\(.*\)  # (.*)", block.text, re.MULTILINE)
            assert capsys.readouterr().out.splitlines() == ["".join(each) for each in promised]
            promises += len(promised)
        elif block.language == "console":
            shows = reader.type(block.text)
            if " --help" in block.text:  # argparse of Python 3.13 indents in another way
                assert shows.split() == block.text.split()
            else:
                assert shows == block.text
            promises += 1
    reader.namespace.clear()
    gc.collect()  # what a page leaves open is reported here, and not in a later test
    assert promises or not reader_runs(page), "a page that runs something must show what comes of it"


def reader_runs(page: Path) -> bool:
    """Say whether a page has blocks that run."""
    return any(block.language in {"python", "console"} and not block.mark for block in blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_generated_part_equals_what_the_code_gives(page: Path) -> None:
    """E-1, Q-4, L-1, V-3, V-8, V-13, W-4: the tables of errors, limits, laws and messages cannot go stale."""
    assert [(name, stands) for name, stands, _ in generated(page)] == [
        (name, gives) for name, _, gives in generated(page)
    ]


def test_error_type_is_the_name_of_its_class_in_capitals() -> None:
    """E-1: The table of errors says so in place of a column."""
    assert [re.sub(r"(?<!^)(?=[A-Z])", "_", kind.exception.__name__).upper() for kind in ErrorType] == [*ErrorType]


def test_each_generated_part_stands_in_one_page() -> None:
    assert sorted(name for page in PAGES for name, *_ in generated(page)) == sorted(GENERATED)


def test_limits_name_each_public_bound() -> None:
    """L-1, Q-4, V-13, W-4: a new public bound gets a row."""
    table = GENERATED["limits"]()
    bounds = [f"`{name}`" for name in snaptasks.__all__ if name.startswith("MAX_")]
    bounds += [f"`rest.{name}`" for name in rest.__all__ if name.startswith("MAX_")]
    bounds += [f"`jsonrpc.{name}`" for name in jsonrpc.__all__ if name.startswith("MAX_")]
    bounds += [f"`sql.{name}`" for name in sql.__all__ if name.startswith("MAX_")]
    assert [name for name in bounds if name not in table] == []


def test_codes_of_violations_are_those_of_the_source() -> None:
    """E-5, V-13: a new code gets a row with its meaning; a row without a code in the source goes."""
    assert {*rules_by_code()} == {*CODES}
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "snaptasks").rglob("*.py"))
    assert [code for code in CODES if f'"{code}"' not in source] == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_included_file_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    included = re.findall(r"^(?:```\{(?:literalinclude|include|image)\}|:file:) (\S+)", text, re.MULTILINE)
    assert [path for path in included if not (page.parent / path).resolve().is_relative_to(ROOT)] == []
    assert [path for path in included if not (page.parent / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_page_links_to_each_file_that_it_includes(page: Path) -> None:
    """A code host shows only the path of an included file, and no part of it."""
    text = page.read_text(encoding="utf-8")
    included = re.findall(r"^```\{literalinclude\} (\S+)", text, re.MULTILINE)
    assert [path for path in included if f"]({path})" not in text] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=name_of)
def test_relative_link_leads_somewhere(page: Path) -> None:
    """Sphinx checks the links between pages; this holds for those of README.md and CHANGELOG.md, too."""
    links = re.findall(r"\]\((?!https?://|#|<)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_shell_block_holds_commands_that_the_project_tests(page: Path) -> None:
    """A package that a page installs is one that the tests install; a recipe that it starts is in examples/."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [each for group in project["dependency-groups"].values() for each in group if isinstance(each, str)]
    tested = {re.split(r"[\[>=~!]", each)[0].lower() for each in [*groups, *project["project"]["dependencies"]]}
    tested |= {"snaptasks", "."}
    for block in blocks(page):
        if block.language != "sh":
            continue
        for line in re.split(r"\n| && ?\n?", block.text.replace("\\\n", " ")):
            if line and not line.startswith(("#", " ")):
                assert line.split()[0].rsplit("/", 1)[-1] in COMMANDS, line
            for argument in re.findall(r"pip install ([^&|;#\n]*)", line):
                names = [name.strip("'\"") for name in argument.split() if not name.startswith("-")]
                packages = {re.split(r"[\[>=~!]", name)[0].lower() for name in names}
                assert packages - {"pip", "dev", "test", "bench", "docs"} <= tested, line


def test_api_reference_documents_each_public_name_once() -> None:
    """A name that a reader cannot look up is not public; neither is a name that only the reference has."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "reference" / "api").glob("*.md"))
    named = re.findall(r"^\.\. auto(?:class|function|data|decorator|exception):: (\S+)", pages, re.MULTILINE)
    rooms = (snaptasks, rest, jsonrpc, sql, testing, strategies)
    assert sorted(named) == sorted(f"{room.__name__}.{name}" for room in rooms for name in room.__all__)


def test_documentation_has_pages_examples_and_sessions() -> None:
    """A pattern that finds nothing would prove nothing."""
    everything = [block for page in PAGES for block in blocks(page)]
    runs = [block.language for block in everything if not block.mark]
    assert runs.count("python") >= 30
    assert runs.count("console") >= 5
    assert {block.mark for block in everything if block.mark and not block.mark.startswith("save: ")} == RUN_ELSEWHERE
    assert any(f"{len(vectors())} vectors" in page.read_text(encoding="utf-8") for page in PAGES)


def test_readme_fits_on_a_front_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150
