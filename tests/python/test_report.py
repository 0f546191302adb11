"""`diorama report`: its figures hold what the tables hold, and a real browser draws every chart."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from diorama.project import Project
from diorama.report import page
from diorama.report.assembly import Assembly
from diorama.report.catalogue import EXPERIMENT, TREATMENT, WORLDS
from diorama.report.figures import Figure, Sentence, significant
from diorama.worlds import CUSTOM
from worlds import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FIGURES = [
    *(f for world in WORLDS.values() for f in [*world.figures, *world.learning]),
    *EXPERIMENT,
    *TREATMENT,
]
# the models and seeds of the project, some of whose worlds may not be there yet
STEMS = {path.stem for path in (ROOT / "models").rglob("*.sql")} | {
    path.stem for path in (ROOT / "seeds").rglob("*.csv")
}

# What is wrong with the charts of a page: nothing drawn in them, or drawn beside them. Marks that
# cannot be seen (they are larger than what they stand for, to be pointed at) do not count.
FAULTY_CHARTS = """() => [...document.querySelectorAll(".chart")].flatMap((chart) => {
  const svg = chart.querySelector("svg");
  if (!svg) return [`${chart.id}: not drawn`];
  const frame = svg.getBoundingClientRect();
  const marks = [...svg.querySelectorAll(".role-mark > *")].filter((mark) => {
    const box = mark.getBoundingClientRect();
    return mark.getAttribute("opacity") !== "0"
      && Math.max(box.width, box.height) >= 1
      && box.left >= frame.left - 2 && box.right <= frame.right + 2
      && box.top >= frame.top - 2 && box.bottom <= frame.bottom + 2;
  });
  if (!marks.length) return [`${chart.id}: no marks`];
  const size = `${frame.width} by ${frame.height}`;
  if (frame.width < 150 || frame.height < 20) return [`${chart.id}: ${size}`];
  return frame.right > innerWidth + 1 ? [`${chart.id}: wider than the page`] : [];
})"""


@pytest.fixture(scope="module")
def default_world(worlds: Any, workspace: Path) -> Path:
    return worlds(name=None).path


@pytest.fixture(scope="module")
def report(diorama: Any, default_world: Path, workspace: Path) -> Path:
    """The report of the default worlds."""
    path = workspace / "report.html"
    result = diorama("report", "--to", path, "--database", default_world, "--quiet")
    assert result.exit_code == 0, result.stderr
    assert (result.stdout, result.stderr) == ("", "")
    return path


@pytest.fixture(scope="module")
def readings(report: Path) -> dict[str, str]:
    """The sentence of each figure, by its anchor."""
    found = re.findall(
        r'<figure id="([^"]+)">.*?<p class="reading">(.*?)</p>',
        report.read_text(),
        re.S,
    )
    return {anchor: html.unescape(sentence) for anchor, sentence in found}


@pytest.fixture(scope="module")
def charts(report: Path) -> dict[str, Any]:
    """The specification of each chart, by its anchor."""
    found = re.search(
        r'<script id="figures"[^>]*>(.*?)</script>', report.read_text(), re.S
    )
    return json.loads(found[1])["charts"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def opened(browser: Any, path: Path, **context: Any) -> tuple[Any, list[str]]:
    """A page of the browser that has drawn the report, and all that it complained of or fetched."""
    # west of Greenwich, where a date that is taken for UTC is the day before
    tab = browser.new_context(timezone_id="America/Los_Angeles", **context).new_page()
    # as long as a busy machine needs
    tab.set_default_timeout(600_000)
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:"))
            else complaints.append(request.url)
        ),
    )
    tab.goto(path.as_uri())
    wait_until_drawn(tab)
    return tab, complaints


def wait_until_drawn(tab: Any) -> None:
    tab.wait_for_selector("html[data-drawn=yes]")


def rows_of(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a chart's first data set."""
    return next(iter(chart["datasets"].values()))


def test_a_figure_is_there_when_its_tables_are(readings):
    """Each figure whose tables the default build makes is in the report of it."""
    anchors = {anchor.rsplit("-", 1)[1] for anchor in readings}
    due = [
        figure
        for figure in FIGURES
        if {name for _, name in figure.relations} <= STEMS
        and not figure.name.startswith(f"{CUSTOM}/")  # which a file declares
    ]
    assert len(due) > 15
    assert {figure.name.split("/")[1] for figure in due} <= anchors
    for world in WORLDS:
        names = {f.name for f in due if f.name.startswith(f"{world}/")}
        assert {
            f"{world}/{a.split('-', 1)[1]}"
            for a in readings
            if a.startswith(f"{world}-")
        } == names


def test_a_figure_reads_only_what_is_observed_and_the_truth():
    """Never raw, generate or seeds."""
    for figure in FIGURES:
        assert figure.relations, figure.name
        for schema, name in figure.relations:
            allowed = schema in {"staging", "intermediate", "marts", "truth"}
            assert allowed, (figure.name, schema, name)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_a_figure_is_one_table_and_one_sentence(figure: Figure):
    for sql, told in ((figure.sql, figure.reading), (figure.truth_sql, figure.truth)):
        statements = duckdb.extract_statements(sql)
        *views, making, asking = [s.query for s in statements] if told else ["", ""]
        assert all("create or replace temp view " in view for view in views)
        assert not told or "create or replace temp table figure as" in making
        assert "create" not in asking
        assert max(map(len, sql.splitlines()), default=0) <= 88
        said = told.values() if isinstance(told, dict) else [told] if told else []
        assert all(sentence.endswith((".", ").", "}.")) for sentence in said)
    assert all(schema != "truth" for schema, _ in figure.relations) or not figure.truth


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_no_figure_divides_by_what_may_be_nothing(figure: Figure):
    sql = re.sub("--.*", "", figure.sql + figure.truth_sql)
    for divisor in re.findall(r"/+\s*([\w.]+\(?)", sql):
        assert divisor == "nullif(" or divisor.isdigit(), divisor


def test_every_sql_file_belongs_to_a_figure():
    folder = ROOT / "cli" / "diorama" / "report" / "sql"
    used = {f.name for f in FIGURES}
    used |= {f"shared/{f.shared}" for f in FIGURES if f.shared}
    used |= {f"{f.name}_truth" for f in FIGURES if f.truth}
    assert {
        str(p.relative_to(folder).with_suffix("")) for p in folder.rglob("*.sql")
    } == used


def test_the_shown_sql_gives_what_is_drawn(report, charts, default_world):
    shown = re.findall(
        r'<figure id="([^"]+)">.*?<pre tabindex="0"[^>]*><code>(.*?)</code></pre>',
        report.read_text(),
        re.S,
    )
    sql = {anchor: html.unescape(text) for anchor, text in shown}
    with duckdb.connect(default_world, read_only=True) as connection:
        for statement in connection.extract_statements(sql["learning-funnel"])[:-1]:
            connection.execute(statement)
        told = connection.execute("select step, amount from figure").fetchall()
    drawn = rows_of(charts["learning-funnel-0"])
    assert [(row["step"], row["amount"]) for row in drawn] == told


def test_the_volume_is_the_number_of_events(readings, charts, default_world):
    query = "select count(*) from staging.stg_feed__events"
    with duckdb.connect(default_world, read_only=True) as connection:
        (events,) = connection.execute(query).fetchone()
    assert readings["feed-volume"].startswith(f"{events:,} events on ")
    assert sum(row["amount"] for row in rows_of(charts["feed-volume-0"])) == events


def test_the_ceiling_is_the_auc_of_scikit_learn(readings, default_world):
    from sklearn.metrics import log_loss, roc_auc_score

    with duckdb.connect(default_world, read_only=True) as connection:
        test = connection.execute(
            """
            select churn_label, churn_label_probability, days_since_last_activity
            from marts.learning__training_set
            inner join truth.truth_learning__churn_labels using (user_id, as_of_date)
            where split = 'test'
            """
        ).fetchnumpy()
    label, probability, silence = test.values()
    sentence = readings["learning-ceiling"]
    assert f"an AUC of {roc_auc_score(label, probability):.3f} " in sentence
    assert f"(log-loss {log_loss(label, probability):.4f})" in sentence
    assert sentence.endswith(f" alone reaches {roc_auc_score(label, silence):.3f}.")


def test_every_chart_is_drawn_and_every_link_leads_somewhere(browser, report, charts):
    tab, complaints = opened(browser, report, viewport={"width": 1250, "height": 900})
    assert tab.locator(".chart").count() == len(charts) > 25
    assert tab.evaluate(FAULTY_CHARTS) == []
    targets = tab.eval_on_selector_all(
        "a[href]", "links => links.map((link) => link.getAttribute('href'))"
    )
    assert len(targets) > 40
    missing = "t => !t.startsWith('#') || !document.getElementById(t.slice(1))"
    assert tab.evaluate(f"targets => targets.filter({missing})", targets) == []

    # a link of the contents shows its figure
    tab.locator("nav").get_by_role("link", name="Labels by date").click()
    top = "() => Math.abs(document.querySelector('#learning-labels').getBoundingClientRect().top)"
    tab.wait_for_function(f"{top} < 60")
    # a date is the same west of Greenwich, and a mark tells its numbers
    tab.locator("#learning-volume-0 .role-mark path").first.hover(force=True)
    tip = tab.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    first = rows_of(charts["learning-volume-0"])[0]["period"][:10]
    assert re.search(rf"\b{int(first[8:])} \w+ {first[:4]}\b", tip.inner_text())
    # a world folds away, and unfolds for who follows a link into it
    tab.locator("#shop > details > summary").click()
    assert not tab.locator("#shop-categories").is_visible()
    tab.locator("nav").get_by_role("link", name="Categories").click()
    tab.locator("#shop-categories").wait_for()
    # the SQL opens
    tab.locator("#learning-labels summary").click()
    assert (
        "create or replace temp table figure"
        in tab.locator("#learning-labels pre").inner_text()
    )
    assert complaints == []


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm."""
    if (npm := shutil.which("npm")) is None:
        pytest.skip("there is no npm here (apt-get install npm)")
    directory = tmp_path_factory.mktemp("axe")
    install = [npm, "install", "--silent", "--prefix", directory, "axe-core@4"]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm cannot install axe-core: {done.stderr[:200]}")
    return (directory / "node_modules/axe-core/axe.min.js").read_text()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(375, "dark"), (1280, "light"), (1280, "dark"), (1920, "light")],
)
def test_axe_has_no_serious_finding(
    browser, axe, diorama, default_world, width, scheme
):
    """And the first screen fits, at the width of a phone, a laptop and a large screen."""
    path = default_world.with_name("axe.html")
    if not path.exists():
        options = ("--database", default_world, "--world", "learning", "--quiet")
        assert diorama("report", "--to", path, *options).exit_code == 0
    tab, complaints = opened(
        browser, path, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
    first = tab.locator(".answers").first.bounding_box()
    assert first["y"] + first["height"] < 800
    tab.evaluate(axe)
    found = tab.evaluate("() => axe.run({resultTypes: ['violations']})")
    assert [
        (finding["id"], finding["nodes"][0]["html"])
        for finding in found["violations"]
        if finding["impact"] in ("serious", "critical")
    ] == []
    assert len(found["passes"]) > 10
    assert complaints == []


def test_the_dark_page_and_the_phone_are_readable(
    browser, diorama, default_world, tmp_path
):
    path = tmp_path / "report.html"
    result = diorama(
        "report", "--to", path, "--database", default_world, "--world", "learning"
    )
    assert result.exit_code == 0, result.stderr
    tab, complaints = opened(
        browser, path, viewport={"width": 380, "height": 800}, color_scheme="light"
    )

    def colours() -> list[str]:
        bar = "#learning-volume-0 .role-mark path"
        background = tab.evaluate(
            "() => getComputedStyle(document.body).backgroundColor"
        )
        return [background, tab.locator(bar).first.get_attribute("fill")]

    assert tab.evaluate(FAULTY_CHARTS) == []
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert not tab.locator("#contents ol").first.is_visible()
    light = colours()
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_selector("html[data-drawn=no]")
    wait_until_drawn(tab)
    assert tab.evaluate(FAULTY_CHARTS) == []
    assert all(dark != before for dark, before in zip(colours(), light, strict=True))
    assert complaints == []


PICTURE = ROOT / "docs" / "pictures" / "report.png"


@pytest.mark.skipif(
    "DIORAMA_UPDATE_DOCS" not in os.environ, reason="draws the picture of the documents"
)
def test_draw_the_picture_of_the_documents(browser, report):
    tab, _ = opened(browser, report, viewport={"width": 1250, "height": 900})
    tab.locator("#smartfeed_v2-SmartFeed_v2-effects").screenshot(path=PICTURE)


def test_the_picture_of_the_documents_is_small():
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < 300_000


def test_the_file_is_small_and_needs_no_network(report):
    text = report.read_text()
    assert len(text) < 6_000_000
    assert "default-src 'none'" in text
    assert not re.search(
        r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?http""", text
    )


def assert_says_none(report: Path) -> None:
    """What cannot be computed is said in words, and no chart has what JSON has no number for."""
    text = report.read_text()
    for sentence in re.findall(r'<p class="reading">(.*?)</p>', text, re.S):
        assert not re.search(r"\b(nan|inf)\b", sentence), sentence
    specifications = re.search(r'<script id="figures"[^>]*>(.*?)</script>', text, re.S)
    assert not re.search(r"\b(NaN|Infinity)\b", specifications[1])


def test_each_treatment_has_its_verdict_and_its_scorecard(report, default_world):
    """As the marts have them, the verdict first; a blocked one concludes nothing."""
    page = report.read_text()
    figures = dict(
        re.findall(r'<figure id="([^"]+)">(.*?)</figure>', html.unescape(page), re.S)
    )
    with duckdb.connect(default_world, read_only=True) as connection:
        verdicts = connection.execute(
            "select experiment_id, treatment, verdict, reason, blocked_by "
            "from marts.experiments__verdicts"
        ).fetchall()
        estimates = connection.execute(
            "select experiment_id, treatment, metric, effect, ci_lower, ci_upper "
            "from marts.experiments__results where is_decisive"
        ).fetchall()
    assert len(verdicts) == 5
    for experiment, treatment, verdict, reason, blocked_by in verdicts:
        first = re.search(rf'id="{experiment}">.*?<figure id="([^"]+)">', page, re.S)
        assert first[1] == f"{experiment}-verdict"
        assert f"({reason.replace('_', ' ')})" in figures[first[1]]
        assert f'data-state="{verdict.replace("_", " ")}"' in figures[first[1]]
        part = f"{experiment}-{treatment}"
        for _, _, metric, *numbers in (
            e for e in estimates if e[:2] == (experiment, treatment)
        ):
            effect, lower, upper = (significant(number, "+") for number in numbers)
            row = re.search(
                rf"<tr><td>{metric.replace('_', ' ')}</td>.*?</tr>",
                figures[f"{part}-metrics"],
            )
            assert f">{effect}</td>" in row[0]
            assert f">{lower} to {upper}</td>" in row[0]
            assert ("not used" in row[0]) == bool(blocked_by)
        is_withheld = "Nothing is concluded" in figures[f"{part}-segments"]
        assert is_withheld == bool(blocked_by)


def test_the_first_screen_answers(report, readings, default_world):
    """As the marts and the truth have it: a row for each treatment, and each training set."""
    tables = re.findall(
        r'<section class="answers".*?</section>', report.read_text(), re.S
    )
    experiments, training = (
        [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S) for row in rows[1:]]
        for rows in (re.findall(r"<tr.*?</tr>", table, re.S) for table in tables)
    )
    shown = {
        re.sub("<.*?>", "", name): [re.sub("<.*?>", "", cell) for cell in cells]
        for name, *cells in experiments
    }
    with duckdb.connect(default_world, read_only=True) as connection:
        due = connection.execute("""
            select
                concat(verdicts.experiment_id, ': ', verdicts.treatment),
                replace(verdicts.verdict, '_', ' '),
                verdicts.blocked_by is null,
                scorecard.effect,
                scorecard.true_effect
            from marts.experiments__verdicts as verdicts
            inner join marts.experiments__results as results
                using (experiment_id, treatment)
            inner join truth.truth__scorecard as scorecard
                using (experiment_id, treatment, metric, estimator, estimand)
            where results.is_decisive and results.role = 'primary'
        """).fetchall()
        sizes = [
            connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0]
            for name in (
                "feed__uplift_training_set",
                "learning__training_set",
                "shop__training_set",
                "search__ranking_examples",
            )
        ]
    assert shown.keys() == {name for name, *_ in due}
    for name, verdict, is_used, effect, truth in due:
        assert shown[name][0] == verdict
        assert shown[name][2].startswith(significant(effect, "+") if is_used else "–")  # noqa: RUF001
        assert shown[name][3] == significant(truth, "+")
        assert is_used or "sample ratio" in shown[name][4]
    assert [cells[1] for cells in training] == [f"{size:,}" for size in sizes]
    ceiling = re.search(r"AUC of ([\d.]+)", readings["learning-ceiling"])[1]
    assert training[1][3] == f"AUC {ceiling}"


SHOWN = ("staging", "intermediate", "marts", "truth", "seeds")


@pytest.mark.parametrize(
    "rows", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))]
)
def test_a_world_without_data_has_a_report(diorama, default_world, tmp_path, rows):
    """Empty tables, as before a world's start, and tables of few rows draw what they can."""
    path = tmp_path / "empty.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(f"attach '{default_world}' as built (read_only)")
        relations = connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables() "
            "union all select database_name, schema_name, view_name from duckdb_views()"
        ).fetchall()
        for database, schema, name in relations:
            if database != "built" or schema not in SHOWN:
                continue
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                f"create table {schema}.{name} as from built.{schema}.{name} limit {rows}"
            )
    to = tmp_path / "report.html"
    result = diorama("report", "--to", to, "--database", path)
    assert result.exit_code == 0, result.stderr
    assert_says_none(to)
    if not rows:
        assert "This build has no rows for it." in to.read_text()


@pytest.mark.parametrize("has_schema", [False, True])
def test_an_experiment_without_truth_is_told_without_it(
    diorama, default_world, readings, tmp_path, has_schema
):
    """As a user's own: the same sentences, less those that compare with the truth."""
    path = tmp_path / "observed.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(f"attach '{default_world}' as built (read_only)")
        relations = {r for f in [*EXPERIMENT, *TREATMENT] for r in f.relations}
        truths = {r for f in TREATMENT for r in f.truth_relations}
        truths |= {r for r in relations if r[0] == "truth"}
        for schema, name in [*(relations - truths), *(truths if has_schema else [])]:
            limit = "limit 0" if schema == "truth" else ""
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(
                f"create table {schema}.{name} as from built.{schema}.{name} {limit}"
            )
        connection.execute("create schema staging")
        for world in WORLDS.keys() - {CUSTOM}:
            connection.execute(f"create table staging.stg_{world}__users (user_id int)")
    to = tmp_path / "report.html"
    result = diorama("report", "--to", to, "--database", path, "--quiet")
    assert result.exit_code == 0, result.stderr
    page = re.sub(r"<script.*?</script>", "", to.read_text(), flags=re.S)
    found = re.findall(
        r'<figure id="([^"]+)">.*?<p class="reading">(.*?)</p>', page, re.S
    )
    assert len(found) == 4 * len(EXPERIMENT) + 5 * (len(TREATMENT) - 2)
    for anchor, sentence in found:
        assert html.unescape(readings[anchor]).startswith(html.unescape(sentence))
    if not has_schema:
        assert not re.search(r"\b(truth|true)\b", page), page
    else:
        assert not any(re.search(r"\b(truth|true)\b", said) for _, said in found)


def units(count: int) -> dict[str, int]:
    """Every world with so many users, or sessions a day."""
    names = ("feed_users", "learning_users", "shop_users")
    return dict.fromkeys((*names, "search_sessions_per_day"), count)


def rates(value: float) -> dict[str, float]:
    """Every probability and share at this value, or as near as it may be."""
    declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"][
        "settings"
    ]
    return {
        name: min(said["max"], value)
        for name, said in declared.items()
        if said.get("unit") == "probability"
    }


BRIEF = {
    **{"feed_days": 4, "learning_days": 12, "learning_churn_window_days": 2},
    **{"shop_days": 3, "shop_items": 5, "search_days": 1},
}
NEARLY_EMPTY = {
    "one unit": {**units(1), **BRIEF},
    "two units": units(2),
    "three units": {**units(3), **BRIEF},
    "all rates 0": {**units(30), **BRIEF, **rates(0)},
    "all rates 1": {**units(30), **BRIEF, **rates(1)},
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "one unit" else pytest.mark.slow)
        for name in NEARLY_EMPTY
    ],
)
def test_a_nearly_empty_world_has_a_report(diorama, worlds, tmp_path, name):
    settings = {"experiments_replicates": 2, "experiments_bootstrap_replicates": 40}
    world = worlds(name=None, **NEARLY_EMPTY[name], **settings)
    to = tmp_path / "report.html"
    result = diorama("report", "--to", to, "--database", world.path)
    assert result.exit_code == 0, result.stderr
    assert_says_none(to)


def test_the_same_database_gives_the_same_report(diorama, default_world, tmp_path):
    texts = []
    for name in ("a.html", "b.html"):
        arguments = ["--database", default_world, "--world", "learning", "--quiet"]
        assert diorama("report", "--to", tmp_path / name, *arguments).exit_code == 0
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1]


def test_open_opens_the_browser(diorama, default_world, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    monkeypatch.setattr(
        Assembly, "sections", lambda self: ([], ["Not built: the world shop."])
    )
    to = tmp_path / "report.html"
    result = diorama("report", "--to", to, "--database", default_world, "--open")
    assert result.exit_code == 0, result.stderr
    assert shown == [to.as_uri()]
    assert "Not built: the world shop." in result.stderr
    assert "Not built: the world shop." in to.read_text()


def one_line(text: str) -> str:
    assert len(text.strip().splitlines()) == 1, text
    return text


def test_without_a_database_the_line_says_what_to_type(diorama, tmp_path):
    result = diorama(
        "report", "--to", tmp_path / "r.html", "--database", tmp_path / "none.duckdb"
    )
    assert result.exit_code == 1
    assert "Build one with `diorama build`" in one_line(result.stderr)
    assert os.listdir(tmp_path) == []


def test_a_database_without_worlds_says_what_to_type(diorama, tmp_path):
    path = tmp_path / "empty.duckdb"
    duckdb.connect(path).close()
    result = diorama(
        "report", "--to", tmp_path / "r.html", "--database", path, "--quiet"
    )
    assert result.exit_code == 1
    assert "Build one with `diorama build`" in one_line(result.stderr)
    arguments = ["--database", path, "--world", "feed", "--quiet"]
    result = diorama("report", "--to", tmp_path / "r.html", *arguments)
    assert result.exit_code == 1
    assert "`diorama build --world feed`" in one_line(result.stderr)


def test_a_wrong_place_is_named_before_any_work(diorama, tmp_path):
    result = diorama("report", "--to", tmp_path)
    assert result.exit_code == 2
    assert "is a directory" in one_line(result.stderr)
    result = diorama("report", "--to", tmp_path / "missing" / "r.html")
    assert result.exit_code == 1
    assert "mkdir -p" in one_line(result.stderr)


def test_tables_of_another_version_end_with_one_line_and_keep_the_old_report(
    diorama, tmp_path
):
    path, to = tmp_path / "old.duckdb", tmp_path / "r.html"
    to.write_text("the old report")
    with duckdb.connect(path) as connection:
        connection.execute("create schema staging")
        connection.execute(
            "create table staging.stg_feed__events as select 1 as other_column"
        )
    result = diorama("report", "--to", to, "--database", path, "--quiet")
    assert result.exit_code == 1
    assert "Build it again with `diorama build`" in one_line(result.stderr)
    assert to.read_text() == "the old report"
    assert sorted(os.listdir(tmp_path)) == ["old.duckdb", "r.html"]


def test_settings_off_their_defaults_are_named(tmp_path):
    project = Project(ROOT)
    path = tmp_path / "some.duckdb"
    values = {"seed": project.settings["seed"]["default"], "feed_users": 5}
    with duckdb.connect(path) as connection:
        connection.execute("create schema staging")
        connection.execute("create table staging.stg_feed__users as select 1 as x")
        comment = json.dumps({"values": values})
        connection.execute(f"comment on table staging.stg_feed__users is '{comment}'")
    with duckdb.connect(path, read_only=True) as connection:
        (section,) = Assembly(project, connection, [], quiet=True).sections()[0]
    assert section.settings == {"feed_users": 5}
    assert all(not part.figures and part.absent for part in section.parts)


def test_texts_of_the_data_cannot_become_markup(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_library", lambda cache: "")
    evil = "</script><b>bold</b>"
    section = page.Section("feed", evil, evil, {evil: evil}, [])
    text = page.render([section], [evil], {"database": evil}, tmp_path)
    assert evil not in text
    assert "<" not in page._script_json({"name": evil})
    assert json.loads(page._script_json({"name": evil})) == {"name": evil}


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{x:sig}", 12345.6, "12,300"),
        ("{x:sig}", 0.012345, "0.0123"),
        ("{x:+sig}", 1.5, "+1.50"),
        ("{x:+sig}", -0.0999, "-0.0999"),
        ("{x:sig}", 0.99999, "1.00"),
        ("{x:sig}", 2e-7, "2.00e-07"),
        ("{x:sig}", 0, "0"),
        ("{x:p}", 0.0312, "= 0.0312"),
        ("{x:p}", 1e-9, "< 0.0001"),
        ("{x:.1%}", None, "none"),
        ("{x:.1%}", float("nan"), "none"),
        ("{x:,}", float("inf"), "none"),
        ("{x:,}", 1234, "1,234"),
    ],
)
def test_a_sentence_says_numbers_as_people_do(template, value, text):
    assert Sentence().vformat(template, (), {"x": value}) == text


def test_significant_digits_survive_what_is_not_finite():
    assert significant(float("inf")) == "inf"
    assert significant(float("nan")) == "nan"
