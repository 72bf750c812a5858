package dev.perdure.iothub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.iothub.device.Device;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.mqtt.MqttClient;
import io.vertx.mqtt.MqttClientOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that connect with TLS. */
class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir Path directory;
  private Path keyStore;
  private Path certificate;
  private Path key;

  @BeforeEach
  void makeCertificate() throws Exception {
    keyStore = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "hub",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance(keyStore.toFile(), PASSWORD.toCharArray());
    certificate = pem("CERTIFICATE", store.getCertificate("hub").getEncoded());
    key = pem("PRIVATE KEY", store.getKey("hub", PASSWORD.toCharArray()).getEncoded());
  }

  private Path pem(String type, byte[] bytes) throws Exception {
    return Files.writeString(
        directory.resolve(type + ".pem"),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(type, Base64.getMimeEncoder().encodeToString(bytes), type));
  }

  private void assertDevicesConnect(TlsCertificate shown) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (IotHub hub =
        IotHub.start(IotHubOptions.of(directory.resolve("hub")).withFreePorts().withTls(shown))) {
      Device device = hub.devices().addMissing(List.of("d1")).getFirst();
      MqttClientOptions options =
          TestDevice.options(hub, device)
              .setSsl(true)
              .setHostnameVerificationAlgorithm("HTTPS")
              .setTrustOptions(new PemTrustOptions().addCertPath(certificate.toString()));
      MqttClient client = MqttClient.create(vertx, options);
      client.connect(hub.mqttTlsPort(), "localhost").await(10, TimeUnit.SECONDS);
      client
          .publish(
              "devices/d1/messages/events/",
              Buffer.buffer("x"),
              MqttQoS.AT_LEAST_ONCE,
              false,
              false)
          .await(10, TimeUnit.SECONDS);
      Await.until(
          "the message is there",
          () -> !hub.eventHubs().getFirst().partitionForKey("d1").bounds().isEmpty());
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void theCertificateMayBeInPemFiles() throws Exception {
    assertDevicesConnect(new TlsCertificate.Pem(certificate, key));
  }

  @Test
  void theCertificateMayBeInAKeyStore() throws Exception {
    assertDevicesConnect(new TlsCertificate.KeyStore(keyStore, PASSWORD));
  }

  @Test
  void aFileThatIsMissingIsSaidSoAndTheDirectoryIsFreeAgain() throws Exception {
    IotHubOptions options = IotHubOptions.of(directory.resolve("hub")).withFreePorts();
    assertThatThrownBy(
            () ->
                IotHub.start(
                    options.withTls(new TlsCertificate.Pem(directory.resolve("none.pem"), key))))
        .hasMessageContaining("none.pem for TLS cannot be read");
    IotHub.start(options).close();
  }
}
