package snowglobe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.snowflake.client.jdbc.SnowflakeConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files through stages: the driver transfers the bytes itself, over the server's own ports. */
class StagesTest {
  @TempDir Path source;
  @TempDir Path target;

  private static List<String> column(Connection connection, String name, String sql) throws Exception {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(name));
      }
    }
    return found;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void oneFile(String scheme) throws Exception {
    try (Connection connection = Server.connect(scheme)) {
      byte[] content = random(300_000);
      Files.write(source.resolve("da ta.bin"), content);
      connection.createStatement().execute("create stage st");
      String put = "put 'file://" + source + "/da ta.bin' @st/a auto_compress=false";
      assertEquals(List.of("UPLOADED"), column(connection, "status", put));
      assertEquals(List.of("st/a/da ta.bin"), column(connection, "name", "list @st"));
      column(connection, "status", "get @st/a file://" + target);
      assertArrayEquals(content, Files.readAllBytes(target.resolve("da ta.bin")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void wildcard(String scheme) throws Exception {
    try (Connection connection = Server.connect(scheme)) {
      for (int number = 0; number < 20; number++) {
        Files.write(source.resolve("part" + number + ".csv"), random(10_000 + number));
      }
      connection.createStatement().execute("create stage st");
      String put = "put file://" + source + "/part*.csv @st/w auto_compress=false";
      assertEquals(20, column(connection, "status", put).size());
      assertEquals(20, column(connection, "name", "list @st/w").size());
      assertEquals(20, column(connection, "status", "get @st/w file://" + target).size());
      for (int number = 0; number < 20; number++) {
        assertArrayEquals(random(10_000 + number), Files.readAllBytes(target.resolve("part" + number + ".csv")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void stream(String scheme) throws Exception {
    try (Connection connection = Server.connect(scheme)) {
      byte[] content = random(200_000);
      connection.createStatement().execute("create stage st");
      SnowflakeConnection snowflake = connection.unwrap(SnowflakeConnection.class);
      for (boolean compress : new boolean[] {false, true}) {
        String name = compress ? "packed.bin" : "plain.bin";
        snowflake.uploadStream("st", "s", new ByteArrayInputStream(content), name, compress);
        String stored = "s/" + name + (compress ? ".gz" : "");
        try (var back = snowflake.downloadStream("st", stored, compress)) {
          assertArrayEquals(content, back.readAllBytes());
        }
      }
    }
  }

  @Test
  void arrayBindThroughStage() throws Exception {
    try (Connection connection = Server.connect("http")) {
      Statement statement = connection.createStatement();
      statement.execute("alter session set CLIENT_STAGE_ARRAY_BINDING_THRESHOLD = 10");
      statement.execute("create table t (n int, s varchar)");
      try (PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?)")) {
        for (int number = 0; number < 100; number++) {
          insert.setInt(1, number);
          insert.setString(2, number % 3 == 0 ? "it's, \"" + number + "\"\n" : null);
          insert.addBatch();
        }
        insert.executeBatch();
      }
      assertEquals(List.of("100 4950 34"), column(connection, "R", "select count(*) || ' ' || sum(n) || ' ' || count(s) as r from t"));
      assertEquals(1, column(connection, "name", "list @SYSTEM$BIND").size());
    }
  }
}
