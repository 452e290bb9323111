package snowglobe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What DatabaseMetaData says, which tools such as DBeaver live on. */
class MetadataTest {
  private static Connection connection;
  private static DatabaseMetaData metadata;
  private static String schema;

  @BeforeAll
  static void create() throws SQLException {
    connection = Server.connect("http");
    metadata = connection.getMetaData();
    schema = connection.getSchema();
    try (Statement statement = connection.createStatement()) {
      for (String sql :
          new String[] {
            "create table parents (id int, code varchar(10), name varchar not null comment 'the name',"
                + " constraint pk_parents primary key (id, code), unique (name)) comment = 'all of them'",
            "create table kids (k number(10,2) default 1.5, pid int, pcode varchar(10), d date, t time(3),"
                + " ts timestamp_ntz(6), tz timestamp_tz, ltz timestamp_ltz, v variant, o object, a array, b binary(8),"
                + " yes boolean, f float, n int identity,"
                + " constraint fk_kids foreign key (pid, pcode) references parents (id, code))",
            "create view seen as select d from kids",
            "create temporary table passing (a int)",
            "create function twice(x int, y varchar) returns int as 'x * 2'",
            "create function pairs(x int) returns table (a int, b varchar) as 'select 1, $$x$$'",
          }) {
        statement.execute(sql);
      }
    }
  }

  @AfterAll
  static void close() throws SQLException {
    connection.close();
  }

  /** The rows of a result in these columns, cells joined by a blank. */
  private static List<String> rows(ResultSet result, String... columns) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (result) {
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (String column : columns) {
          cells.add(Objects.toString(result.getString(column)));
        }
        rows.add(String.join(" ", cells));
      }
    }
    return rows;
  }

  @Test
  void catalogsAndSchemas() throws SQLException {
    List<String> catalogs = rows(metadata.getCatalogs(), "TABLE_CAT");
    assertTrue(catalogs.contains("JDBC"), catalogs::toString);
    List<String> schemas = rows(metadata.getSchemas(), "TABLE_CATALOG", "TABLE_SCHEM");
    assertTrue(schemas.containsAll(List.of("JDBC " + schema, "JDBC PUBLIC")), schemas::toString);
    assertTrue(schemas.contains("JDBC INFORMATION_SCHEMA"), schemas::toString);
    assertEquals(List.of(schema), rows(metadata.getSchemas("JDBC", schema), "TABLE_SCHEM"));
    assertEquals(List.of(), rows(metadata.getSchemas("JDBC", "NOTHING%"), "TABLE_SCHEM"));
  }

  @Test
  void tables() throws SQLException {
    String[] columns = {"TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS"};
    String place = "JDBC " + schema + " ";
    assertEquals(
        List.of(
            place + "KIDS TABLE ",
            place + "PARENTS TABLE all of them",
            place + "PASSING TABLE ",
            place + "SEEN VIEW "),
        rows(metadata.getTables("JDBC", schema, "%", null), columns));
    assertEquals(
        List.of(place + "PARENTS TABLE all of them", place + "PASSING TEMPORARY "),
        rows(metadata.getTables("JDBC", schema, "PA%", new String[] {"TABLE"}), columns));
    assertEquals(
        List.of(place + "SEEN VIEW "),
        rows(metadata.getTables("JDBC", schema, null, new String[] {"VIEW"}), columns));
    assertEquals(List.of(), rows(metadata.getTables("JDBC", schema, "kids", null), columns));
    assertEquals(List.of(), rows(metadata.getTables("NOTHING", schema, "KIDS", null), columns));
    assertEquals(List.of("TABLE", "VIEW"), rows(metadata.getTableTypes(), "TABLE_TYPE"));
  }

  @Test
  void columns() throws SQLException {
    String[] columns = {
      "ORDINAL_POSITION", "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "NULLABLE",
      "COLUMN_DEF", "IS_AUTOINCREMENT"
    };
    assertEquals(
        List.of(
            "1 K " + Types.DECIMAL + " NUMBER 10 2 1 1.5 NO",
            "2 PID " + Types.BIGINT + " NUMBER 38 0 1 null NO",
            "3 PCODE " + Types.VARCHAR + " VARCHAR 10 0 1 null NO",
            "4 D " + Types.DATE + " DATE 0 0 1 null NO",
            "5 T " + Types.TIME + " TIME 0 3 1 null NO",
            "6 TS " + Types.TIMESTAMP + " TIMESTAMPNTZ 0 6 1 null NO",
            "7 TZ " + Types.TIMESTAMP_WITH_TIMEZONE + " TIMESTAMPTZ 0 9 1 null NO",
            "8 LTZ " + Types.TIMESTAMP + " TIMESTAMPLTZ 0 9 1 null NO",
            "9 V " + Types.VARCHAR + " VARIANT 0 0 1 null NO",
            "10 O " + Types.VARCHAR + " OBJECT 0 0 1 null NO",
            "11 A " + Types.VARCHAR + " ARRAY 0 0 1 null NO",
            "12 B " + Types.BINARY + " BINARY 8 0 1 null NO",
            "13 YES " + Types.BOOLEAN + " BOOLEAN 0 0 1 null NO",
            "14 F " + Types.DOUBLE + " DOUBLE 0 0 1 null NO",
            "15 N " + Types.BIGINT + " NUMBER 38 0 0 null YES"),
        rows(metadata.getColumns("JDBC", schema, "KIDS", "%"), columns));
    assertEquals(
        List.of("NAME the name NO"),
        rows(metadata.getColumns("JDBC", schema, "PARENTS", "N%"), "COLUMN_NAME", "REMARKS", "IS_NULLABLE"));
    assertEquals(
        List.of("SEEN D DATE"),
        rows(metadata.getColumns(null, schema, "SEEN", null), "TABLE_NAME", "COLUMN_NAME", "TYPE_NAME"));
  }

  @Test
  void keys() throws SQLException {
    assertEquals(
        List.of("PARENTS ID 1 PK_PARENTS", "PARENTS CODE 2 PK_PARENTS"),
        rows(metadata.getPrimaryKeys("JDBC", schema, "PARENTS"), "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ", "PK_NAME"));
    assertEquals(List.of(), rows(metadata.getPrimaryKeys("JDBC", schema, "KIDS"), "PK_NAME"));
    String[] columns = {
      "PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "FK_NAME", "PK_NAME", "DELETE_RULE"
    };
    String rule = String.valueOf(DatabaseMetaData.importedKeyNoAction);
    List<String> expected =
        List.of(
            "PARENTS ID KIDS PID 1 FK_KIDS PK_PARENTS " + rule, "PARENTS CODE KIDS PCODE 2 FK_KIDS PK_PARENTS " + rule);
    assertEquals(expected, rows(metadata.getImportedKeys("JDBC", schema, "KIDS"), columns));
    assertEquals(expected, rows(metadata.getExportedKeys("JDBC", schema, "PARENTS"), columns));
    assertEquals(
        expected, rows(metadata.getCrossReference("JDBC", schema, "PARENTS", "JDBC", schema, "KIDS"), columns));
    assertEquals(List.of(), rows(metadata.getImportedKeys("JDBC", schema, "PARENTS"), columns));
    assertEquals(List.of(), rows(metadata.getIndexInfo("JDBC", schema, "KIDS", false, false), "INDEX_NAME"));
  }

  @Test
  void functionsAndProcedures() throws SQLException {
    assertEquals(
        List.of(
            schema + " PAIRS " + DatabaseMetaData.functionReturnsTable,
            schema + " TWICE " + DatabaseMetaData.functionNoTable),
        rows(metadata.getFunctions("JDBC", schema, "%"), "FUNCTION_SCHEM", "FUNCTION_NAME", "FUNCTION_TYPE"));
    assertEquals(
        List.of("0  NUMBER(38,0)", "1 X NUMBER", "2 Y VARCHAR"),
        rows(
            metadata.getFunctionColumns("JDBC", schema, "TWICE", "%"), "ORDINAL_POSITION", "COLUMN_NAME", "TYPE_NAME"));
    assertEquals(List.of(), rows(metadata.getProcedures("JDBC", schema, "%"), "PROCEDURE_NAME"));
    assertEquals(List.of(), rows(metadata.getProcedureColumns("JDBC", schema, "%", "%"), "COLUMN_NAME"));
  }

  @Test
  void privileges() throws SQLException {
    assertEquals(
        List.of("KIDS SYSADMIN OWNERSHIP"),
        rows(metadata.getTablePrivileges("JDBC", schema, "KIDS"), "TABLE_NAME", "GRANTEE", "PRIVILEGE"));
  }

  @Test
  void types() throws SQLException {
    assertEquals(
        List.of("NUMBER", "INTEGER", "DOUBLE", "VARCHAR", "DATE", "TIME", "TIMESTAMP", "BOOLEAN"),
        rows(metadata.getTypeInfo(), "TYPE_NAME"));
  }

  @Test
  void product() throws SQLException {
    assertEquals("Snowflake", metadata.getDatabaseProductName());
    assertTrue(metadata.getDatabaseProductVersion().matches("\\d+\\.\\d+\\.\\d+.*"));
    assertEquals("\"", metadata.getIdentifierQuoteString());
    assertEquals("JDBC", connection.getCatalog());
    assertFalse(metadata.isReadOnly());
    assertTrue(metadata.supportsTransactions());
    assertTrue(metadata.storesUpperCaseIdentifiers());
  }

  @Test
  void columnsOfResults() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select k, n, d, 1 + 1 as two from kids")) {
      ResultSetMetaData columns = result.getMetaData();
      assertEquals(4, columns.getColumnCount());
      assertEquals("K", columns.getColumnName(1));
      assertEquals("KIDS", columns.getTableName(1));
      assertEquals(schema, columns.getSchemaName(1));
      assertEquals("JDBC", columns.getCatalogName(1));
      assertEquals(List.of(10, 2), List.of(columns.getPrecision(1), columns.getScale(1)));
      assertEquals(ResultSetMetaData.columnNullable, columns.isNullable(1));
      assertEquals(ResultSetMetaData.columnNoNulls, columns.isNullable(2));
      assertEquals(Types.DATE, columns.getColumnType(3));
      assertEquals("TWO", columns.getColumnLabel(4));
      assertEquals("", columns.getTableName(4));
    }
  }
}
