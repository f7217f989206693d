"""Render: figures and tables of each scenario, the shared data, and the report.

Config: scenarios, figures, release, review, data_to. Writes build/{scenario}/{figures,tables}/, build/data/, build/report.html.
"""


rule render:
    input:
        **{name: f"build/records/{name}.parquet" for name in RECORDS if name != "claims"},
        **{name: f"build/dosing/{name}.parquet" for name in DOSING},
        **{name: f"build/{{scenario}}/screening/{name}.parquet" for name in SCREENING},
        **{name: f"build/{{scenario}}/modelling/{name}.parquet" for name in MODELLING},
    output:
        figures=report(
            expand(
                "build/{{scenario}}/figures/{figure}.{format}",
                figure=FIGURES,
                format=config["figures"]["formats"],
            ),
            caption="../report/figures.rst",
            category="{scenario}",
            subcategory="Figures",
        ),
        captions="build/{scenario}/figures.json",
        tables=report(
            expand(
                "build/{{scenario}}/tables/{table}.{format}",
                table=SCENARIO_TABLES,
                format=["csv", "parquet", "html"],
            ),
            caption="../report/tables.rst",
            category="{scenario}",
            subcategory="Tables",
        ),
    log:
        "build/logs/{scenario}/render.log",
    benchmark:
        "build/benchmarks/{scenario}/render.tsv"
    conda:
        "../../environment.yml"
    params:
        scenario=lookup(dpath="scenarios/{scenario}", within=config),
        figures=config["figures"],
        release=config["release"],
        review=config["review"],
        data_to=config["data_to"],
        code=code_of("render.py"),
    script:
        "../../scripts/render.py"


rule export_data:
    input:
        **{name: f"build/records/{name}.parquet" for name in RECORDS if name != "claims"},
        **{name: f"build/dosing/{name}.parquet" for name in DOSING},
    output:
        tables=expand("build/data/{table}.{format}", table=SHARED_TABLES, format=["csv", "parquet"]),
    log:
        "build/logs/export_data.log",
    benchmark:
        "build/benchmarks/export_data.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("export_data.py"),
    script:
        "../../scripts/export_data.py"


rule report:
    input:
        figures=expand("build/{scenario}/figures/{figure}.svg", scenario=SCENARIOS, figure=FIGURES),
        captions=expand("build/{scenario}/figures.json", scenario=SCENARIOS),
        tables=expand("build/{scenario}/tables/{table}.parquet", scenario=SCENARIOS, table=SCENARIO_TABLES),
        data=expand("build/data/{table}.parquet", table=SHARED_TABLES),
    output:
        report="build/report.html",
    log:
        "build/logs/report.log",
    benchmark:
        "build/benchmarks/report.tsv"
    conda:
        "../../environment.yml"
    params:
        scenarios=config["scenarios"],
        release=config["release"],
        review=config["review"],
        data_to=config["data_to"],
        code=code_of("report.py"),
    script:
        "../../scripts/report.py"
