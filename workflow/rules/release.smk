"""Release: stage everything, name it by its content, put it in results/ whole or not at all.

Config: release, review. Writes build/release.json, build/summary.txt and results/<name>-<hex>/.
"""


rule release:
    input:
        data=rules.export_data.output.tables,
        figures=expand(rules.render.output.figures, scenario=SCENARIOS),
        tables=expand(rules.render.output.tables, scenario=SCENARIOS),
        report=rules.report.output.report,
        sources=[
            CONFIG,
            LOCK,
            *CARDS,
            *STUDIES,
            config["sources"]["claims"],
            config["sources"]["registration_date_anchors"],
            *VOCABULARIES,
            *SCHEMAS,
        ],
    output:
        stamp="build/release.json",
        summary="build/summary.txt",
    log:
        "build/logs/release.log",
    benchmark:
        "build/benchmarks/release.tsv"
    conda:
        "../../environment.yml"
    params:
        settings=config,
        results="results",
        code=code_of("release.py"),
    script:
        "../../scripts/release.py"
