"""Ingest: cards, published outcomes and the review's claims into record tables.

Config: sources, vocabularies, strict. Writes build/records/.
"""


rule ingest:
    input:
        cards=CARDS,
        studies=STUDIES,
        claims=config["sources"]["claims"],
        anchors=config["sources"]["registration_date_anchors"],
        conditions=config["vocabularies"]["conditions"],
        cell_sources=config["vocabularies"]["cell_sources"],
        products=config["vocabularies"]["products"],
        schemas=SCHEMAS,
    output:
        **{name: f"build/records/{name}.parquet" for name in RECORDS},
    log:
        "build/logs/ingest.log",
    benchmark:
        "build/benchmarks/ingest.tsv"
    conda:
        "../../environment.yml"
    params:
        strict=config["strict"],
        code=code_of("ingest.py"),
    script:
        "../../scripts/ingest.py"
