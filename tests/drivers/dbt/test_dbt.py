"""The example project from the first command to the last: the tests stand in the order in which they run."""

import datetime
import decimal
import json

MONTH = ("--event-time-start", "2024-03-01", "--event-time-end", "2024-03-06")
SECOND_RUN = ("--vars", "{run_number: 2}")


def amounts(*texts):
    return [decimal.Decimal(text) for text in texts]


def test_debug(project):
    assert project.dbt("debug") is True


def test_seed(project):
    project.dbt("run-operation", "make_events")
    assert set(project.statuses("seed").values()) == {"success"}
    assert project.rows("select * from raw_customers order by id") == [
        (1, "Ada", "ada@example.com", True, datetime.date(2024, 1, 1)),
        (2, "Grace", "grace@example.com", False, datetime.date(2024, 1, 2)),
        (3, "O'Neil, Jr.", None, True, datetime.date(2024, 2, 3)),
        (4, "Łukasz", "lukasz@example.com", True, datetime.date(2024, 2, 29)),
    ]
    assert project.values("select ratio from raw_orders order by id") == [0.5, 1.25, None, 0.001, -2.0]
    # of another column, and with every type that dbt gives
    types = {row[0]: row[1] for row in project.rows("describe table raw_orders")}
    assert types == {
        "ID": "NUMBER(38,0)",
        "CUSTOMER_ID": "NUMBER(38,0)",
        "CENTS": "NUMBER(38,0)",
        "RATIO": "FLOAT",
        "ORDERED_AT": "TIMESTAMP_NTZ(9)",
    }
    assert project.rows("describe table raw_customers")[2][1] == "VARCHAR(200)"
    assert project.values("select count(*) from empty_seed") == [0]


def test_first_build(project):
    statuses = project.statuses("build", *MONTH)
    assert statuses.pop("large_amounts_warn") == "warn"
    assert set(statuses.values()) <= {"success", "pass"}
    assert len(statuses) == 34


def test_views_and_tables(project):
    kinds = {row[1]: row[4] for row in project.rows("show tables in schema shop")}
    assert (kinds["CUSTOMERS"], kinds["PERMANENT_TABLE"]) == ("TRANSIENT", "TABLE")
    [view] = project.shown("show views like 'stg_orders' in schema shop", "is_secure", "comment")
    assert view == ("true", "One row per order")
    assert project.rows("select amount from stg_orders order by order_id") == [
        (amount,) for amount in amounts("10.50", "2.00", "999.99", "0.05", "42.00")
    ]
    assert project.rows("select customer_id, orders, spent, place from customers order by customer_id") == [
        (1, 2, decimal.Decimal("12.50"), 3),
        (2, 1, decimal.Decimal("999.99"), 1),
        (3, 1, decimal.Decimal("0.05"), 4),
        (4, 1, decimal.Decimal("42.00"), 2),
    ]
    assert project.rows("select * from monthly") == [("2024-03", decimal.Decimal("1054.54"), "1,2,3,4,5")]
    assert project.values("select count(*) from date_spine") == [31]
    [shown] = project.shown("show tables like 'customers' in schema shop", "cluster_by", "comment")
    assert shown == ("LINEAR(signed_up, customer_id)", "Customers with what they spent")
    comments = {row[0]: row[9] for row in project.rows("describe table customers")}
    assert comments["SPENT"] == "in euros, 'net'"
    contracted = project.rows("describe table contracted")
    assert [(row[0], row[1], row[3], row[5]) for row in contracted] == [
        ("ORDER_ID", "NUMBER(38,0)", "N", "Y"),
        ("AMOUNT", "NUMBER(38,2)", "Y", "N"),
        ("NOTE", "VARCHAR(16777216)", "Y", "N"),
    ]


def test_what_the_macros_of_all_databases_give(project):
    [row] = project.rows("select * exclude now from cross_database")
    assert [json.loads(cell) for cell in row[8:11]] == [[1, 2], [1, 3], [1, 2]]
    assert row[:8] + row[11:] == (
        datetime.date(2024, 2, 29),
        60,
        datetime.datetime(2024, 2, 1),
        datetime.date(2024, 2, 29),
        "b",
        "0cc175b9c0f1b6a831c399e269772661",
        None,
        "ab",
        "bc",
        2,
        "axc",
        3,
        "it",
        "it",
        True,
        1,
        "true",
    )


def test_hooks(project):
    events = project.rows("select event, count(*) from audit where model = 'customers' group by 1 order by 1")
    assert events == [("after", 1), ("before", 1), ("in a block", 1)]
    assert project.values("select count(*) from audit where at is null") == [0]


def test_configurations(project):
    assert project.values("select warehouse from permanent_table") == ["OTHER_WH"]
    grants = project.rows("show grants on table customers")
    assert {(row[1], row[5]) for row in grants if row[1] == "SELECT"} == {("SELECT", "REPORTER"), ("SELECT", "ANALYST")}


def test_first_contents_of_incremental_models(project):
    for model in ("appended", "merged", "deleted_and_inserted", "overwritten", "microbatched"):
        assert project.rows(f"select count(*), max(run_number) from {model}") == [(5, 1)], model


def test_second_build_is_incremental(project):
    tables = "select table_name, created from information_schema.tables where table_schema = 'SHOP'"
    before = dict(project.rows(tables))
    statuses = project.statuses("build", *MONTH, *SECOND_RUN)
    assert statuses.pop("large_amounts_warn") == "warn"
    assert set(statuses.values()) <= {"success", "pass"}
    after = dict(project.rows(tables))
    incremental = {
        "APPENDED",
        "DELETED_AND_INSERTED",
        "DELETED_AND_INSERTED_BY_ONE_KEY",
        "MERGED",
        "MERGED_WITH_TWO_KEYS",
        "MICROBATCHED",
        "OVERWRITTEN",
    }
    assert all(before[name] == after[name] for name in incremental)
    assert before["CUSTOMERS"] < after["CUSTOMERS"]
    assert not [name for name in after if "DBT_TMP" in name.upper()]


def test_second_contents_of_incremental_models(project):
    rows = project.rows
    assert rows("select run_number, count(*), sum(amount) from appended group by 1 order by 1") == [
        (1, 5, decimal.Decimal("1054.54")),
        (2, 5, decimal.Decimal("1054.54")),
    ]
    assert rows("select order_id, amount, run_number, added from merged order by order_id") == [
        (1, decimal.Decimal("10.50"), 1, None),
        (2, decimal.Decimal("2.00"), 1, None),
        (3, decimal.Decimal("999.99"), 1, None),
        (4, decimal.Decimal("0.10"), 2, "new"),
        (5, decimal.Decimal("84.00"), 2, "new"),
        (100, decimal.Decimal("7.00"), 2, "new"),
    ]
    assert rows("select distinct first_run, last_run from merged_with_two_keys") == [(1, 2)]
    assert rows("select * from deleted_and_inserted order by order_id") == [
        (1, 1, 2, decimal.Decimal("1.5")),
        (2, 1, 2, decimal.Decimal("1.5")),
        (3, 2, 1, None),
        (4, 3, 1, None),
        (5, 4, 1, None),
    ]
    assert rows("select * from deleted_and_inserted_by_one_key order by 1") == [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)]
    assert rows("select * from overwritten order by 1") == [(1, 2), (2, 2)]
    assert rows("select order_id, run_number from microbatched order by 1") == [(number, 2) for number in range(1, 6)]


def test_snapshots(project):
    customers = project.rows(
        "select id, name, dbt_valid_to is null from snapshots.customers_by_check order by id, dbt_valid_from"
    )
    assert customers == [
        (1, "Ada", True),
        (2, "Grace", False),
        (3, "O'Neil, Jr.", True),
        (4, "Łukasz", True),
        (5, "New", True),
    ]
    orders = project.rows(
        "select id, cents, dbt_valid_to from snapshots.orders_by_time where id <= 2 order by id, dbt_valid_from"
    )
    changed = datetime.datetime(2024, 3, 3, 8)
    # the second order's time has not changed, so its new amount is not looked at
    assert orders == [(1, 1050, changed), (1, 2100, None), (2, 200, None)]


def test_dynamic_table(project):
    assert project.rows("select * from dynamic_orders order by 1") == [(1, 2), (2, 1), (3, 1), (4, 1)]
    [lag] = project.shown("show dynamic tables like 'dynamic_orders' in schema shop", "target_lag")
    assert lag == ("2 minutes",)


def test_docs(project):
    project.dbt("docs", "generate", *SECOND_RUN)
    catalog = json.loads((project.folder / "target" / "catalog.json").read_text())
    nodes = catalog["nodes"]
    assert catalog["errors"] is None
    manifest = json.loads((project.folder / "target" / "manifest.json").read_text())
    documented = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot") and node["config"]["materialized"] != "ephemeral"
    }
    # and the failures that a test has kept
    assert set(nodes) == documented | {"test.shop.no_negative_amounts"}
    customers = nodes["model.shop.customers"]
    assert customers["metadata"]["type"] == "BASE TABLE"
    assert customers["metadata"]["comment"] == "Customers with what they spent"
    assert customers["metadata"]["owner"] == "SYSADMIN"
    assert customers["stats"]["row_count"]["value"] == 4
    assert [column["name"] for column in customers["columns"].values()][:2] == ["CUSTOMER_ID", "NAME"]
    assert nodes["model.shop.stg_orders"]["metadata"]["type"] == "VIEW"
    assert "source.shop.raw.events" in catalog["sources"]


def test_source_freshness(project):
    assert project.statuses("source", "freshness") == {"events": "pass", "events_metadata": "pass"}


def test_show(project):
    arguments = ("--select", "stg_orders", "--limit", "2", "--output", "json")
    [result] = [result for result in project.results("show", *arguments) if result.node.name == "stg_orders"]
    assert [row["ORDER_ID"] for row in result.agate_table.rows] == [1, 2]
    inline = project.results("show", "--inline", "select count(*) as n from {{ ref('raw_orders') }}")
    [result] = [result for result in inline if result.node.name == "inline_query"]
    assert [row["N"] for row in result.agate_table.rows] == [5]


def test_full_refresh_and_another_materialization(project):
    statuses = project.statuses("run", "--select", "merged", "overwritten", "--full-refresh")
    assert set(statuses.values()) == {"success"}
    assert project.values("select max(run_number) from merged") == [1]
    # a view in the place of a table, and back
    for materialized, kind in (("view", "VIEW"), ("table", "BASE TABLE")):
        model = project.folder / "models" / "marts" / "changing.sql"
        model.write_text("{{ config(materialized='" + materialized + "') }} select 1 as one")
        assert project.statuses("run", "--select", "changing") == {"changing": "success"}
        found = "select table_type from information_schema.tables where table_name = 'CHANGING'"
        assert project.values(found) == [kind]


def test_a_test_that_fails_says_what(project):
    (project.folder / "tests" / "fails.sql").write_text("select * from {{ ref('raw_orders') }} where id < 3")
    answer = project.invoke("test", "--select", "fails")
    assert not answer.success
    failures = [(result.status.value, result.failures) for result in answer.result if result.node.name == "fails"]
    assert failures == [("fail", 2)]
