"""Recipe of rule release: everything that was built becomes one folder in results/, whole or not there."""

from pathlib import Path

from evdose.dosing.tables import DOSES
from evdose.modelling.tables import CLAIM_VERDICTS
from evdose.recipe import running
from evdose.records.tables import ARMS
from evdose.release.history import write_history
from evdose.release.naming import Release
from evdose.release.publish import point_latest, publish, write_stamp
from evdose.release.staging import stage_release, staging_room, write_whole
from evdose.release.summary import counts, summary_lines
from evdose.screening.tables import SCREENING
from evdose.tables import read_table

with running(snakemake) as run:
    given, asked, made = snakemake.input, snakemake.params, snakemake.output
    settings = asked.settings
    build, results = Path(made.stamp).parent, Path(asked.results)
    release = Release(**settings["release"])
    arms = read_table(build / "data/arms.parquet", ARMS)
    doses = read_table(build / "data/doses.parquet", DOSES)
    scenarios = [
        counts(
            scenario,
            read_table(build / scenario / "tables/screening.parquet", SCREENING),
            arms,
            doses,
            read_table(build / scenario / "tables/claims.parquet", CLAIM_VERDICTS),
        )
        for scenario in settings["scenarios"]
    ]

    with staging_room(build) as room:
        stage = stage_release(
            room,
            release,
            built=[Path(path) for path in (*given.data, *given.figures, *given.tables, given.report)],
            sources=[Path(path) for path in given.sources],
            settings=settings,
            scenarios=scenarios,
        )
        published = publish(stage, results)
        write_history(results, published.folder, room)
        point_latest(results, published.folder, room)
        lines = summary_lines(scenarios, f"{results}/latest/report.html ({published.folder.name})")
        write_whole(Path(made.summary), "\n".join([*lines, ""]), room)
        write_stamp(Path(made.stamp), release, published.folder, room)
    run.say(str(published))
