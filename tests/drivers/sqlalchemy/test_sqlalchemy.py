"""What SQLAlchemy creates, reads and reflects through snowflake-sqlalchemy."""

import datetime
import decimal
import json

import pandas
import pytest
import sqlalchemy as sa
from snowflake.sqlalchemy import ARRAY, OBJECT, TIMESTAMP_LTZ, TIMESTAMP_NTZ, TIMESTAMP_TZ, VARIANT, MergeInto
from sqlalchemy.orm import DeclarativeBase, Session, relationship


class Base(DeclarativeBase):
    pass


class Parent(Base):
    __tablename__ = "parents"
    __table_args__ = {"comment": "a table's comment"}

    id = sa.Column(sa.Integer, sa.Sequence("parents_seq", order=True), primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, unique=True, comment="the name")
    children = relationship("Child", back_populates="parent", order_by="Child.number")


class Child(Base):
    __tablename__ = "children"

    parent_id = sa.Column(sa.Integer, sa.ForeignKey("parents.id", name="child_of"), primary_key=True)
    number = sa.Column(sa.Integer, primary_key=True)
    amount = sa.Column(sa.Numeric(10, 2), server_default=sa.text("1.5"))
    born = sa.Column(sa.Date)
    parent = relationship("Parent", back_populates="children")


class Counted(Base):
    __tablename__ = "counted"

    id = sa.Column(sa.Integer, primary_key=True, autoincrement=True)
    value = sa.Column(sa.Float)


def types_table(metadata):
    return sa.Table(
        "types",
        metadata,
        sa.Column("v", VARIANT),
        sa.Column("a", ARRAY),
        sa.Column("o", OBJECT),
        sa.Column("ntz", TIMESTAMP_NTZ),
        sa.Column("ltz", TIMESTAMP_LTZ),
        sa.Column("tz", TIMESTAMP_TZ),
        sa.Column("t", sa.Time),
        sa.Column("d", sa.Date),
        sa.Column("b", sa.LargeBinary),
        sa.Column("yes", sa.Boolean),
        sa.Column("n", sa.Numeric(10, 2)),
        sa.Column("big", sa.BigInteger),
        sa.Column("f", sa.Float),
        sa.Column("CamelCase", sa.String(7)),
        sa.Column("txt", sa.Text),
        prefixes=["TRANSIENT"],
        snowflake_clusterby=["d", sa.text("n")],
    )


@pytest.fixture
def tables(engine):
    Base.metadata.create_all(engine)


def test_objects_find_their_keys(engine, tables):
    with Session(engine) as session:
        ada = Parent(name="Ada", children=[Child(number=1), Child(number=2, amount=decimal.Decimal("2.25"))])
        session.add(ada)
        session.commit()
        assert ada.id == 1
        assert [(child.number, child.amount) for child in ada.children] == [
            (1, decimal.Decimal("1.50")),
            (2, decimal.Decimal("2.25")),
        ]
        session.add_all([Parent(name=f"parent {number}") for number in range(5)])
        session.commit()
        assert session.query(Parent).count() == 6
        found = sa.select(Parent).join(Child).where(Child.amount > 2)
        assert session.scalars(found).one().name == "Ada"
        ada.name = "Grace"
        session.delete(ada.children[1])
        session.commit()
    with Session(engine) as session:
        ada = session.get(Parent, 1)
        assert (ada.name, len(ada.children)) == ("Grace", 1)


def test_creating_again_changes_nothing(engine, tables):
    with engine.begin() as connection:
        connection.execute(sa.insert(Counted), [{"value": 1.0}])
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(Counted)).scalar() == 1


def test_transactions(engine, tables):
    count = sa.select(sa.func.count()).select_from(Counted)
    with engine.connect() as connection:
        connection.execute(sa.insert(Counted).values(value=1))
        connection.rollback()
        assert connection.execute(count).scalar() == 0
        connection.execute(sa.insert(Counted).values(value=1))
        connection.commit()
    with engine.connect() as other:
        assert other.execute(count).scalar() == 1


def test_changes_say_how_many_rows(engine, tables):
    with engine.begin() as connection:
        rows = [{"value": float(number)} for number in range(1000)]
        assert connection.execute(sa.insert(Counted), rows).rowcount == 1000
        assert connection.execute(sa.update(Counted).where(Counted.value > 500).values(value=0)).rowcount == 499
        assert connection.execute(sa.delete(Counted).where(Counted.value == 0)).rowcount == 500
        sums = sa.select(sa.func.count(), sa.func.sum(Counted.value))
        assert connection.execute(sums).one() == (500, 125250.0)


def test_queries(engine, tables):
    with engine.begin() as connection:
        connection.execute(sa.insert(Counted), [{"value": float(number)} for number in range(5)])
        numbered = sa.select(
            Counted.value, sa.func.row_number().over(order_by=Counted.value.desc()).label("place")
        ).cte("numbered")
        page = sa.select(numbered).where(numbered.c.place < 4).order_by(numbered.c.place).limit(2).offset(1)
        assert connection.execute(page).all() == [(3.0, 2), (2.0, 3)]
        either = sa.union_all(sa.select(sa.literal(1)), sa.select(sa.literal(2)))
        assert sorted(connection.execute(either).scalars()) == [1, 2]
        inner = sa.select(sa.func.max(Counted.value)).scalar_subquery()
        assert connection.execute(sa.select(Counted.id).where(Counted.value == inner)).scalars().one() == 5


def test_merge(engine, tables):
    metadata = sa.MetaData()
    news = sa.Table("news", metadata, sa.Column("id", sa.Integer), sa.Column("value", sa.Float))
    metadata.create_all(engine)
    target = Counted.__table__
    with engine.begin() as connection:
        connection.execute(sa.insert(target), [{"value": 1.0}])
        connection.execute(sa.insert(news), [{"id": 1, "value": 10.0}, {"id": 9, "value": 90.0}])
        merge = MergeInto(target=target, source=news, on=target.c.id == news.c.id)
        merge.when_matched_then_update().values(value=news.c.value)
        merge.when_not_matched_then_insert().values(id=news.c.id, value=news.c.value)
        assert connection.execute(merge).one() == (1, 1)
        rows = connection.execute(sa.select(target.c.id, target.c.value).order_by(target.c.id)).all()
        assert rows == [(1, 10.0), (9, 90.0)]


def test_columns_and_keys_are_reflected(engine, tables):
    inspector = sa.inspect(engine)
    columns = {column["name"]: column for column in inspector.get_columns("parents")}
    assert list(columns) == ["id", "name"]
    assert columns["name"]["type"].length == 50
    assert not columns["name"]["nullable"]
    assert columns["name"]["comment"] == "the name"
    assert columns["id"]["default"].endswith("PARENTS_SEQ.NEXTVAL")
    assert inspector.get_pk_constraint("parents")["constrained_columns"] == ["id"]
    assert inspector.get_unique_constraints("parents")[0]["column_names"] == ["name"]
    assert inspector.get_table_comment("parents") == {"text": "a table's comment"}

    columns = {column["name"]: column for column in inspector.get_columns("children")}
    assert str(columns["amount"]["type"]) == "DECIMAL(10, 2)"
    assert columns["amount"]["default"] == "1.5"
    assert str(columns["born"]["type"]) == "DATE"
    assert inspector.get_pk_constraint("children")["constrained_columns"] == ["parent_id", "number"]
    [key] = inspector.get_foreign_keys("children")
    assert key["name"].upper() == "CHILD_OF"
    assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (
        ["parent_id"],
        "parents",
        ["id"],
    )

    counted = {column["name"]: column for column in inspector.get_columns("counted")}
    assert counted["id"]["autoincrement"]
    assert (counted["id"]["identity"]["start"], counted["id"]["identity"]["increment"]) == (1, 1)


def test_types_are_reflected(engine):
    metadata = sa.MetaData()
    types_table(metadata)
    metadata.create_all(engine)
    types = {column["name"]: str(column["type"]) for column in sa.inspect(engine).get_columns("types")}
    assert types == {
        "v": "VARIANT",
        "a": "ARRAY",
        "o": "OBJECT",
        "ntz": "TIMESTAMP_NTZ",
        "ltz": "TIMESTAMP_LTZ",
        "tz": "TIMESTAMP_TZ",
        "t": "TIME",
        "d": "DATE",
        "b": "BINARY(8388608)",
        "yes": "BOOLEAN",
        "n": "DECIMAL(10, 2)",
        "big": "DECIMAL(38, 0)",
        "f": "FLOAT",
        "CamelCase": "VARCHAR(7)",
        "txt": "VARCHAR(16777216)",
    }


def test_values_of_each_type(engine):
    metadata = sa.MetaData()
    types = types_table(metadata)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            sa.insert(types).from_select(
                ["v", "a", "o"],
                sa.select(
                    sa.func.parse_json('{"k": [1]}'), sa.func.array_construct(1, "x"), sa.func.object_construct("k", 1)
                ),
            )
        )
        row = connection.execute(sa.select(types.c.v, types.c.a, types.c.o)).one()
        assert [json.loads(cell) for cell in row] == [{"k": [1]}, [1, "x"], {"k": 1}]
        assert connection.execute(sa.text("select v:k[0]::int from types")).scalar() == 1

        values = {
            "ntz": datetime.datetime(2024, 2, 29, 12, 30, 1, 250000),
            "tz": datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "t": datetime.time(23, 59, 1),
            "d": datetime.date(1900, 1, 1),
            "b": b"\x00\xff",
            "yes": True,
            "n": decimal.Decimal("-99999999.99"),
            "big": 2**62,
            "f": 0.1,
            "CamelCase": "Łódź",
            "txt": "",
        }
        connection.execute(sa.delete(types))
        connection.execute(sa.insert(types), [values])
        row = connection.execute(sa.select(types)).mappings().one()
        assert {name: row[name] for name in values} == values
        assert row["tz"].utcoffset() == datetime.timedelta(hours=2)
        assert row["v"] is None


def test_names_are_reflected(engine, tables):
    with engine.begin() as connection:
        connection.execute(sa.text("create view seen as select id, name from parents"))
        connection.execute(sa.text('create table "MixedCase" (id int)'))
        schema = connection.execute(sa.text("select current_schema()")).scalar().lower()
    inspector = sa.inspect(engine)
    assert inspector.default_schema_name == schema
    assert {schema, "public", "information_schema"} <= set(inspector.get_schema_names())
    assert sorted(inspector.get_table_names()) == ["MixedCase", "children", "counted", "parents"]
    assert inspector.get_view_names() == ["seen"]
    assert inspector.get_view_definition("seen") == "create view seen as select id, name from parents"
    assert [column["name"] for column in inspector.get_columns("seen")] == ["id", "name"]
    assert inspector.get_sequence_names() == ["parents_seq"]
    assert inspector.has_table("parents") and inspector.has_table("seen") and not inspector.has_table("nothing")
    assert inspector.has_sequence("parents_seq") and not inspector.has_sequence("nothing")

    metadata = sa.MetaData()
    metadata.reflect(engine, views=True)
    assert sorted(metadata.tables) == ["MixedCase", "children", "counted", "parents", "seen"]
    children = metadata.tables["children"]
    assert [key.target_fullname for key in children.c.parent_id.foreign_keys] == ["parents.id"]
    # what was reflected can be created elsewhere
    with engine.begin() as connection:
        connection.execute(sa.text("create schema if not exists copied"))
        copied = sa.MetaData(schema="copied")
        metadata.tables["counted"].to_metadata(copied).create(connection)
        assert sa.inspect(connection).get_table_names(schema="copied") == ["counted"]


def test_what_is_dropped_is_gone(engine, tables):
    Base.metadata.drop_all(engine)
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == [] and inspector.get_sequence_names() == []


def test_errors_arrive_as_sqlalchemy_errors(engine):
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="002003"):
        connection.execute(sa.text("select * from nothing"))


def test_frames_of_pandas(engine):
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
    frame.to_sql("frames", engine, index=False)
    read = pandas.read_sql("select a, b from frames order by a", engine)
    assert read.to_dict("list") == {"a": [1, 2], "b": ["x", None]}
