package snowglobe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

/** The program under test, with its addresses read from its banner; one for all tests. */
final class Server {
  private static final Map<String, Integer> PORTS = new HashMap<>();
  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  static {
    try {
      start();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  private Server() {}

  private static void start() throws Exception {
    Path folder = Files.createTempDirectory("snowglobe-jdbc");
    Process process =
        new ProcessBuilder(System.getenv("SNOWGLOBE_BINARY"), "--memory", "--http-port", "0", "--https-port", "0")
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream()));
    for (String line = output.readLine(); line != null && PORTS.size() < 2; line = output.readLine()) {
      String[] words = line.trim().split("\\s+");
      if (words.length == 2 && words[0].matches("https?")) {
        PORTS.put(words[0], Integer.valueOf(words[1].substring(words[1].lastIndexOf(':') + 1)));
      }
    }
    trust(folder);
  }

  /** The authority of the server is the only one that this process trusts. */
  private static void trust(Path folder) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var pem = Files.newInputStream(folder.resolve("certs/ca.pem"))) {
      store.setCertificateEntry("snowglobe", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    Path file = folder.resolve("trust.p12");
    try (var out = Files.newOutputStream(file)) {
      store.store(out, "secret".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "secret");
    System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
  }

  static Connection connect(String scheme, String... options) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", "tester");
    properties.put("password", "any");
    properties.put("account", "snowglobe");
    properties.put("db", "JDBC");
    properties.put("schema", "S" + SCHEMAS.incrementAndGet());
    properties.put("disableOCSPChecks", "true");
    for (int i = 0; i < options.length; i += 2) {
      properties.put(options[i], options[i + 1]);
    }
    boolean secure = scheme.equals("https");
    properties.put("ssl", secure ? "on" : "off");
    return DriverManager.getConnection("jdbc:snowflake://127.0.0.1:" + PORTS.get(scheme) + "/", properties);
  }
}
