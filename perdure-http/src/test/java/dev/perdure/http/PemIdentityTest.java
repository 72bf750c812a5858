package dev.perdure.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with an identity from files. */
class PemIdentityTest {
  private static final String PASSWORD = "only-for-tests";

  @TempDir Path directory;

  private KeyStore identity(String algorithm) throws Exception {
    Path file = directory.resolve("identity.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=server",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes());
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    pem("server.crt", "CERTIFICATE", keys.getCertificate("server").getEncoded());
    pem("server.key", "PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded());
    return keys;
  }

  private void pem(String name, String kind, byte[] content) throws IOException {
    Files.writeString(
        directory.resolve(name),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind));
  }

  private SSLContext read() throws IOException {
    return PemIdentity.read(directory.resolve("server.crt"), directory.resolve("server.key"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void aServerShowsItsIdentity(String algorithm) throws Exception {
    KeyStore keys = identity(algorithm);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", keys.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (HttpServerFront server =
            HttpServerFront.start(
                HttpServerOptions.at("127.0.0.1", 0).withTls(read()),
                request ->
                    CompletableFuture.completedFuture(
                        Response.text(200, Origin.of(request, false).scheme())));
        HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/x")).build();
      assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("https");
    }
  }

  /** Else clients would find out, one handshake after the other. */
  @ParameterizedTest
  @CsvSource({"EC, EC", "RSA, RSA", "Ed25519, Ed25519", "RSA, EC"})
  void aKeyThatIsNotThatOfTheCertificateIsRefused(String first, String second) throws Exception {
    identity(first);
    byte[] certificate = Files.readAllBytes(directory.resolve("server.crt"));
    Files.delete(directory.resolve("identity.p12"));
    identity(second);
    Files.write(directory.resolve("server.crt"), certificate);

    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("server.key")
        .hasMessageContaining("is not that of the (first) certificate in")
        .hasMessageContaining("server.crt");
  }

  @Test
  void aDamagedKeyIsNamed() throws Exception {
    identity("EC");
    Files.writeString(
        directory.resolve("server.key"),
        "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----");
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("server.key is damaged");
  }

  @Test
  void filesThatHoldSomethingElseAreNamed() throws Exception {
    identity("EC");
    Files.writeString(directory.resolve("server.key"), "nothing");
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("server.key")
        .hasMessageContaining("PKCS #8");
    identityRemoved();
    assertThatThrownBy(this::read).isInstanceOf(IOException.class);
  }

  private void identityRemoved() throws IOException {
    Files.writeString(directory.resolve("server.crt"), "nothing");
  }
}
