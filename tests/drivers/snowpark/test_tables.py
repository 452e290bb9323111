"""Tables and views that DataFrames are saved to, and changes of them."""

import pytest
from snowflake.snowpark import functions as F
from snowflake.snowpark.exceptions import SnowparkSQLException


def rows(frame):
    return [tuple(row) for row in frame.sort(frame.columns[0]).collect()]


def kind(session, name):
    [row] = session.sql(f"show tables like '{name}'").collect()
    return row["kind"]


def test_modes_of_saving(session, people):
    people.write.save_as_table("saved")
    people.write.mode("append").save_as_table("saved")
    assert session.table("saved").count() == 6
    people.write.mode("overwrite").save_as_table("saved")
    assert session.table("saved").count() == 3
    people.write.mode("truncate").save_as_table("saved")
    people.write.mode("ignore").save_as_table("saved")
    assert rows(session.table("saved")) == rows(people)
    with pytest.raises(SnowparkSQLException, match="already exists"):
        people.write.mode("errorifexists").save_as_table("saved")
    assert session.table("saved").schema.names == ["ID", "NAME", "SCORE"]
    people.write.insert_into("saved")
    assert session.table("saved").count() == 6


def test_kinds_of_tables(session, people):
    people.write.save_as_table("lasting", clustering_keys=["id"], comment="a comment")
    people.write.save_as_table("transient_one", table_type="transient")
    people.write.save_as_table("passing", table_type="temporary")
    assert [kind(session, name) for name in ("lasting", "transient_one", "passing")] == [
        "TABLE",
        "TRANSIENT",
        "TEMPORARY",
    ]
    [shown] = session.sql("show tables like 'lasting'").collect()
    assert (shown["comment"], shown["cluster_by"], shown["rows"]) == ("a comment", 'LINEAR("ID")', 3)


def test_changes(session, people):
    people.write.save_as_table("changed")
    table = session.table("changed")
    assert table.update({"score": F.lit(9.0)}, table["id"] == 1).rows_updated == 1
    assert table.delete(table["id"] == 3).rows_deleted == 1
    news = session.create_dataframe([[1, 100.0], [7, 7.0]], schema=["k", "new"])
    assert table.update({"score": news["new"]}, table["id"] == news["k"], news).rows_updated == 1
    merged = table.merge(
        news,
        table["id"] == news["k"],
        [
            F.when_matched(news["new"] > 50).delete(),
            F.when_matched().update({"score": news["new"]}),
            F.when_not_matched().insert({"id": news["k"], "score": news["new"]}),
        ],
    )
    assert (merged.rows_inserted, merged.rows_updated, merged.rows_deleted) == (1, 0, 1)
    assert rows(table) == [(2, "Grace", None), (7, None, 7.0)]
    table.drop_table()
    with pytest.raises(SnowparkSQLException, match="002003"):
        table.collect()


def test_views(session, people):
    people.write.save_as_table("base")
    session.table("base").filter(F.col("id") > 1).create_or_replace_view("seen")
    assert session.table("seen").count() == 2
    people.create_or_replace_temp_view("passing_view")
    assert session.table("passing_view").count() == 3


def test_transactions(session, people):
    people.write.save_as_table("kept")
    session.sql("begin").collect()
    session.table("kept").delete()
    session.sql("rollback").collect()
    assert session.table("kept").count() == 3


def test_results_of_show_are_frames(session, people):
    people.write.save_as_table("shown")
    tables = session.sql("show tables").filter(F.col('"name"') == "SHOWN").select('"name"', '"kind"')
    assert rows(tables) == [("SHOWN", "TABLE")]
