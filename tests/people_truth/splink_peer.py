"""Splink with the comparisons of its library as they come, in an environment of its own: mentions in, clusters out.

Called with the Parquet of mentions and the Parquet to write, which has a column for each threshold. Comparisons are those of its library for names, dates, mail and the like; each is trained by expectation
maximisation on two blocks. Nothing is tuned on the truth.
The blocks and the choice of comparisons are ours; a name is one column here, where its guide has given name and surname. Not imported by the tests: it needs splink, which is not ours.
"""

import json
import sys
import time

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

THRESHOLDS = (0.5, 0.95, 0.99)
KEYS = (
    "name_key",
    "kana_key",
    "birth_date",
    "postal_code",
    "address_key",
    "phone_key",
    "email_key",
    "number_key",
)


def comparisons(present):
    made = {
        "name_key": cl.NameComparison("name_key").configure(term_frequency_adjustments=True),
        "kana_key": cl.NameComparison("kana_key").configure(term_frequency_adjustments=True),
        "birth_date": cl.DateOfBirthComparison("birth_date", input_is_string=True),
        "postal_code": cl.ExactMatch("postal_code").configure(term_frequency_adjustments=True),
        "address_key": cl.LevenshteinAtThresholds("address_key", [1, 3]).configure(
            term_frequency_adjustments=True
        ),
        "phone_key": cl.LevenshteinAtThresholds("phone_key", [1]),
        "email_key": cl.EmailComparison("email_key"),
        "number_key": cl.LevenshteinAtThresholds("number_key", [1]),
    }
    return [made[one] for one in present]


def main(source, target):
    started = time.perf_counter()
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '12GB'")
    connection.execute(
        f"CREATE TABLE mentions AS SELECT mention_id AS unique_id, {', '.join(KEYS)} FROM read_parquet('{source}')"
    )
    present = [one for one in KEYS if connection.sql(f"SELECT count({one}) FROM mentions").fetchall()[0][0]]
    strong = [one for one in ("number_key", "email_key", "phone_key") if one in present]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons(present),
        blocking_rules_to_generate_predictions=[
            block_on(one) for one in ("name_key", "kana_key", *strong) if one in present
        ]
        + [block_on(*pair) for pair in (("birth_date", "postal_code"), ("address_key",))],
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("mentions"), settings, log_level=40)
    exact = [
        block_on("name_key", other) for other in ("birth_date", "address_key", *strong) if other in present
    ]
    linker.training.estimate_probability_two_random_records_match(exact, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    problems = []
    for block in ("name_key", *(one for one in (*strong[:1], "birth_date"))):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(block), record_sample_proportion=1.0
            )
        except (
            EMTrainingException
        ) as error:  # one block that cannot be trained leaves the others: it is told below
            problems.append(f"{block}: {type(error).__name__}: {str(error)[:120]}")
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    for place, threshold in enumerate(THRESHOLDS):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        )
        name = f"clusters{place}"
        connection.execute(
            f'CREATE TABLE {name} AS SELECT unique_id, cluster_id AS "{threshold}" FROM {clusters.physical_name}'
        )
    joined = "clusters0 " + " ".join(
        f"JOIN clusters{place} USING (unique_id)" for place in range(1, len(THRESHOLDS))
    )
    columns = ", ".join(f'"{threshold}"' for threshold in THRESHOLDS)
    connection.execute(
        f"COPY (SELECT unique_id AS mention_id, {columns} FROM {joined}) TO '{target}' (FORMAT parquet)"
    )
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started, "problems": problems}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
