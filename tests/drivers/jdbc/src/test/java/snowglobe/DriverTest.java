package snowglobe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import net.snowflake.client.jdbc.QueryStatusV2;
import net.snowflake.client.jdbc.SnowflakeConnection;
import net.snowflake.client.jdbc.SnowflakeResultSet;
import net.snowflake.client.jdbc.SnowflakeSQLException;
import net.snowflake.client.jdbc.SnowflakeStatement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Snowflake's JDBC driver, unmodified, against the release binary. */
class DriverTest {
  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void connects(String scheme) throws SQLException {
    try (Connection connection = Server.connect(scheme)) {
      assertTrue(connection.isValid(5));
      assertEquals("JDBC", connection.getCatalog());
      assertEquals("JDBC", text(connection, "select current_database()"));
      assertEquals("Snowflake", connection.getMetaData().getDatabaseProductName());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JSON", "ARROW"})
  void types(String format) throws SQLException {
    try (Connection connection = Server.connect("http", "JDBC_QUERY_RESULT_FORMAT", format);
        ResultSet row =
            query(
                connection,
                "select 42 as n, 1.25 as d, 1.5::float as f, 'é' as s, true as b, '2020-02-03'::date as day,"
                    + " '01:02:03'::time as t, '2020-02-03 04:05:06.789'::timestamp_ntz as ntz,"
                    + " '2020-02-03 04:05:06.789 +02:00'::timestamp_tz as tz, x'00ff' as x, null as nothing,"
                    + " 99999999999999999999999999999999999999 as huge")) {
      assertTrue(row.next());
      assertEquals(42, row.getInt("N"));
      assertEquals(new BigDecimal("1.25"), row.getBigDecimal("D"));
      assertEquals(1.5, row.getDouble("F"));
      assertEquals("é", row.getString("S"));
      assertTrue(row.getBoolean("B"));
      assertEquals(Date.valueOf("2020-02-03"), row.getDate("DAY"));
      assertEquals("01:02:03", row.getString("T"));
      assertEquals(Timestamp.valueOf("2020-02-03 04:05:06.789"), row.getTimestamp("NTZ"));
      assertEquals(1580695506789L, row.getTimestamp("TZ").getTime());
      assertArrayEquals(new byte[] {0, (byte) 255}, row.getBytes("X"));
      assertNull(row.getString("NOTHING"));
      assertEquals(new BigDecimal("9".repeat(38)), row.getBigDecimal("HUGE"));
      ResultSetMetaData columns = row.getMetaData();
      assertEquals(Types.BIGINT, columns.getColumnType(1));
      assertEquals(2, columns.getPrecision(1));
      assertEquals(2, columns.getScale(2));
      assertEquals("NUMBER", columns.getColumnTypeName(2));
      assertFalse(row.next());
    }
  }

  @Test
  void binds() throws SQLException {
    try (Connection connection = Server.connect("http")) {
      update(connection, "create table t (n int, d number(10,2), f float, s varchar, b boolean, day date, t time, m timestamp_ntz, x binary)");
      try (PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
        assertEquals(9, insert.getParameterMetaData().getParameterCount());
        insert.setInt(1, 7);
        insert.setBigDecimal(2, new BigDecimal("-1.25"));
        insert.setDouble(3, 1.5);
        insert.setString(4, "it's");
        insert.setBoolean(5, true);
        insert.setDate(6, Date.valueOf("2020-02-03"));
        insert.setTime(7, Time.valueOf("01:02:03"));
        insert.setTimestamp(8, Timestamp.valueOf("2020-02-03 04:05:06.789"));
        insert.setBytes(9, new byte[] {0, (byte) 255});
        assertEquals(1, insert.executeUpdate());
        for (int column = 1; column <= 9; column++) {
          insert.setNull(column, Types.NULL);
        }
        assertEquals(1, insert.executeUpdate());
      }
      try (PreparedStatement select = connection.prepareStatement("select * from t where n = ? and s = ? and day = ?")) {
        select.setLong(1, 7);
        select.setString(2, "it's");
        select.setDate(3, Date.valueOf("2020-02-03"));
        try (ResultSet row = select.executeQuery()) {
          assertTrue(row.next());
          assertEquals(new BigDecimal("-1.25"), row.getBigDecimal(2));
          assertTrue(row.getBoolean(5));
          assertEquals("01:02:03", row.getString(7));
          assertArrayEquals(new byte[] {0, (byte) 255}, row.getBytes(9));
          assertFalse(row.next());
        }
        assertEquals(9, select.getMetaData().getColumnCount());
      }
    }
  }

  @Test
  void batches() throws SQLException {
    int rowCount = 10_000;
    try (Connection connection = Server.connect("http")) {
      update(connection, "create table t (n int, s varchar, d date)");
      try (PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?, ?)")) {
        for (int n = 0; n < rowCount; n++) {
          insert.setInt(1, n);
          insert.setString(2, "row " + n);
          insert.setDate(3, n % 2 == 0 ? null : Date.valueOf("2020-02-03"));
          insert.addBatch();
        }
        int[] counts = insert.executeBatch();
        assertEquals(rowCount, counts.length);
        assertEquals(1, counts[rowCount - 1]);
      }
      assertEquals("10000 5000 49995000", text(connection, "select count(*) || ' ' || count(d) || ' ' || sum(n) from t"));
    }
  }

  @Test
  void batchesThatChangeRows() throws SQLException {
    try (Connection connection = Server.connect("http")) {
      update(connection, "create table t as select column1 as n, 'old'::varchar as s from values (1), (2), (3)");
      try (PreparedStatement change = connection.prepareStatement("update t set s = ? where n = ?")) {
        for (int n : new int[] {1, 2}) {
          change.setString(1, "new " + n);
          change.setInt(2, n);
          change.addBatch();
        }
        assertArrayEquals(new int[] {1, 1}, change.executeBatch());
      }
      assertEquals("new 1,new 2,old", text(connection, "select listagg(s, ',') within group (order by n) from t"));
      try (Statement statement = connection.createStatement()) {
        statement.addBatch("delete from t where n = 1");
        statement.addBatch("insert into t values (4, 'a'), (5, 'b')");
        assertArrayEquals(new int[] {1, 2}, statement.executeBatch());
      }
    }
  }

  @Test
  void describes() throws SQLException {
    try (Connection connection = Server.connect("http")) {
      update(connection, "create table t (n number(10,2) not null, s varchar(5), v variant)");
      try (PreparedStatement select = connection.prepareStatement("select n, s, v from t where n > ? and s = ?")) {
        assertEquals(2, select.getParameterMetaData().getParameterCount());
        ResultSetMetaData columns = select.getMetaData();
        assertEquals(3, columns.getColumnCount());
        assertEquals("N", columns.getColumnName(1));
        assertEquals(Types.DECIMAL, columns.getColumnType(1));
        assertEquals(10, columns.getPrecision(1));
        assertEquals(2, columns.getScale(1));
        assertEquals(ResultSetMetaData.columnNoNulls, columns.isNullable(1));
        assertEquals(5, columns.getPrecision(2));
        assertEquals("VARIANT", columns.getColumnTypeName(3));
      }
    }
  }

  @Test
  void updateCounts() throws SQLException {
    try (Connection connection = Server.connect("http");
        Statement statement = connection.createStatement()) {
      assertEquals(0, statement.executeUpdate("create table t (n int)"));
      assertEquals(3, statement.executeUpdate("insert into t values (1), (2), (3)"));
      assertEquals(2, statement.executeUpdate("update t set n = 0 where n > 1"));
      assertEquals(1, statement.executeUpdate("delete from t where n = 1"));
      assertEquals(36, statement.unwrap(SnowflakeStatement.class).getQueryID().length());
      statement.setMaxRows(1);
      try (ResultSet rows = statement.executeQuery("select n from t")) {
        assertTrue(rows.next());
        assertFalse(rows.next());
      }
    }
  }

  @Test
  void severalStatements() throws SQLException {
    try (Connection connection = Server.connect("http");
        Statement statement = connection.createStatement()) {
      statement.unwrap(SnowflakeStatement.class).setParameter("MULTI_STATEMENT_COUNT", 3);
      assertFalse(statement.execute("create table t (n int); insert into t values (1), (2); select n from t order by n"));
      assertEquals(0, statement.getUpdateCount());
      // This driver counts a later INSERT as a result, beside its update count.
      assertTrue(statement.getMoreResults());
      assertEquals(2, statement.getUpdateCount());
      assertTrue(statement.getMoreResults());
      List<Integer> found = new ArrayList<>();
      try (ResultSet rows = statement.getResultSet()) {
        while (rows.next()) {
          found.add(rows.getInt(1));
        }
      }
      assertEquals(List.of(1, 2), found);
      assertFalse(statement.getMoreResults());
      assertEquals(-1, statement.getUpdateCount());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "select * fro t, 42000, 1003",
    "select nope, 42000, 904",
    "select * from nope, 42S02, 2003",
    "select 1 / 0, 22012, 100051",
    "select 1; select 2, 0A000, 8",
  })
  void errors(String sql, String state, int code) throws SQLException {
    try (Connection connection = Server.connect("http")) {
      SnowflakeSQLException error = assertThrows(SnowflakeSQLException.class, () -> query(connection, sql));
      assertEquals(state, error.getSQLState());
      assertEquals(code, error.getErrorCode());
      assertEquals(36, error.getQueryId().length());
    }
  }

  @Test
  void asynchronousExecution() throws Exception {
    try (Connection connection = Server.connect("http");
        Statement statement = connection.createStatement()) {
      ResultSet rows = statement.unwrap(SnowflakeStatement.class).executeAsyncQuery("select system$wait(1)");
      SnowflakeResultSet asynchronous = rows.unwrap(SnowflakeResultSet.class);
      QueryStatusV2 status = asynchronous.getStatusV2();
      assertTrue(status.isStillRunning(), status::toString);
      assertTrue(rows.next());
      assertEquals("waited 1 seconds", rows.getString(1));
      String id = asynchronous.getQueryID();
      try (ResultSet again = connection.unwrap(SnowflakeConnection.class).createResultSet(id)) {
        assertTrue(again.next());
        assertEquals("waited 1 seconds", again.getString(1));
      }
    }
  }

  @Test
  void cancels() throws SQLException {
    try (Connection connection = Server.connect("http");
        Statement statement = connection.createStatement()) {
      Thread canceler =
          new Thread(
              () -> {
                try {
                  Thread.sleep(500);
                  statement.cancel();
                } catch (InterruptedException | SQLException error) {
                  throw new IllegalStateException(error);
                }
              });
      canceler.start();
      SQLException error = assertThrows(SQLException.class, () -> statement.executeQuery("select system$wait(60)"));
      assertEquals(604, error.getErrorCode());
      statement.setQueryTimeout(1);
      assertThrows(SQLException.class, () -> statement.executeQuery("select system$wait(60)"));
    }
  }

  @Test
  void transactions() throws SQLException {
    try (Connection connection = Server.connect("http")) {
      update(connection, "create table t (n int)");
      connection.setAutoCommit(false);
      update(connection, "insert into t values (1)");
      connection.rollback();
      update(connection, "insert into t values (2)");
      connection.commit();
      connection.setAutoCommit(true);
      assertEquals("2", text(connection, "select max(n) from t"));
      assertEquals("1", text(connection, "select count(*) from t"));
    }
  }

  @ParameterizedTest
  @CsvSource({"http, JSON", "https, JSON", "http, ARROW", "https, ARROW"})
  void bigResults(String scheme, String format) throws SQLException {
    try (Connection connection = Server.connect(scheme, "JDBC_QUERY_RESULT_FORMAT", format)) {
      update(connection, "create table d (n int)");
      update(connection, "insert into d values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
      String sql =
          "select a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n as n, 'some text ' || a.n as s"
              + " from d a, d b, d c, d d, d e, d f where f.n < 3";
      int count = 0;
      long sum = 0;
      try (ResultSet rows = query(connection, sql)) {
        while (rows.next()) {
          count++;
          sum += rows.getLong(1);
        }
      }
      assertEquals(300_000, count);
      assertEquals(300_000L * 299_999 / 2, sum);
    }
  }

  @Test
  void metadata() throws SQLException {
    try (Connection connection = Server.connect("http")) {
      update(connection, "create table things (n int not null, s varchar(10))");
      try (ResultSet tables = connection.getMetaData().getTables("JDBC", connection.getSchema(), "%", new String[] {"TABLE"})) {
        assertTrue(tables.next());
        assertEquals("THINGS", tables.getString("TABLE_NAME"));
        assertFalse(tables.next());
      }
      try (ResultSet schemas = connection.getMetaData().getSchemas("JDBC", connection.getSchema())) {
        assertTrue(schemas.next());
      }
      try (ResultSet catalogs = connection.getMetaData().getCatalogs()) {
        assertTrue(catalogs.next());
      }
    }
  }

  private static ResultSet query(Connection connection, String sql) throws SQLException {
    return connection.createStatement().executeQuery(sql);
  }

  private static void update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (ResultSet rows = query(connection, sql)) {
      assertTrue(rows.next());
      return rows.getString(1);
    }
  }
}
