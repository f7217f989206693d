"""Recipe of rule render: the figures and tables of one scenario."""

import json
from pathlib import Path

from evdose.recipe import running
from evdose.rendering.catalogue import MODELLED, OF_SCENARIO, SHARED
from evdose.rendering.display_tables import table_page
from evdose.rendering.export import export_table
from evdose.rendering.figures import FIGURES, Context, save
from evdose.rendering.scenario_tables import scenario_view
from evdose.rendering.scope import scoped
from evdose.rendering.table_view import anchors
from evdose.tables import read_table

CAPTION = ("title", "caption", "alt", "question", "n")

with running(snakemake) as run:
    given, asked, made = snakemake.input, snakemake.params, snakemake.output
    folder = Path(made.captions).parent
    title, formats = asked.scenario["title"], asked.figures["formats"]
    tables = {name: read_table(given.get(name), schema) for name, schema in (SHARED | MODELLED).items()}
    data_to = min(asked.data_to, asked.scenario["registered_to"])
    context = Context(title, data_to, asked.review["citation"], asked.review["trials"])

    captions = []
    for name, draw in FIGURES.items():
        figure = draw(tables, context)
        save(figure, folder / "figures", name, formats)
        captions.append({"figure": name} | {word: getattr(figure, word) for word in CAPTION})
    Path(made.captions).write_text(
        json.dumps(captions, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )

    sections = anchors(tables, tables["screening"])
    tables |= scoped(tables)
    for name, schema in OF_SCENARIO.items():
        export_table(tables[name], schema, folder / "tables")
        page = table_page(scenario_view(name, tables, tables["arms"]), title, sections)
        (folder / "tables" / f"{name}.html").write_text(page, encoding="utf-8")
    run.say(f"{len(captions)} figures as {', '.join(formats)}, {len(OF_SCENARIO)} tables")
