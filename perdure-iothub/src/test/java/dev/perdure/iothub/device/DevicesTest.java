package dev.perdure.iothub.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesTest {
  @TempDir Path directory;

  @Test
  void whatOneAddsTheOtherSees() {
    Devices one = new Devices(directory);
    Devices other = new Devices(directory);
    assertThat(other.list()).isEmpty();

    Device added = one.add("d1");
    assertThat(other.find("d1")).isEqualTo(added);

    other.remove("d1");
    assertThat(one.find("d1")).isNull();
    assertThat(one.add("d1").generationId()).isNotEqualTo(added.generationId());
  }

  @Test
  void anIdHasToFitIntoATopic() {
    Devices devices = new Devices(directory);

    assertThat(devices.add("a-b:c.d%e_f*g?h!i(j)k,l=m@n;o$p'q").id()).startsWith("a-b");
    for (String id : List.of("a+b", "#", "a/b", "", "a b")) {
      assertThatThrownBy(() -> devices.add(id))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("use 1 to 128 ASCII letters");
    }
  }

  @Test
  void manyAddAtOnceAndNoneIsLost() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Device>> added = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String id = "d" + i;
        // Each has a view of its own, as processes have.
        added.add(threads.submit(() -> new Devices(directory).addMissing(List.of(id)).getFirst()));
      }
      for (Future<Device> device : added) {
        device.get();
      }
    }
    assertThat(new Devices(directory).list()).hasSize(50);
  }

  @Test
  void keysAreReadableByTheOwnerOnly() throws Exception {
    new Devices(directory).add("d1");
    assertThat(Files.getPosixFilePermissions(directory.resolve("devices.json")).toString())
        .doesNotContain("GROUP", "OTHERS");
  }

  @Test
  void aFileThatIsNotReadableIsAnErrorThatShowsNoKey() throws Exception {
    Files.writeString(
        directory.resolve("devices.json"), "{\"devices\":[{\"primaryKey\":\"c2VjcmV0");
    assertThatThrownBy(() -> new Devices(directory).list())
        .isInstanceOf(DeviceRegistryException.class)
        .hasMessageContaining("devices.json is not the JSON")
        .hasMessageNotContaining("c2VjcmV0")
        .hasNoCause();
  }

  @Test
  void aTokenIsReadAsItWasWritten() {
    byte[] key = "key".getBytes(StandardCharsets.UTF_8);
    Instant expiry = Instant.parse("2030-01-01T00:00:00Z");
    SasToken token = SasToken.sign("host/devices/a b", key, expiry, "policy");

    SasToken read = SasToken.parse(token.text());

    assertThat(read).isEqualTo(token);
    assertThat(read.resource()).isEqualTo("host/devices/a b");
    assertThat(read.isSignedWith(key)).isTrue();
    assertThat(read.isSignedWith("kez".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(token.toString()).doesNotContain(token.signature());
  }

  /** The expected value was computed with {@code openssl dgst -sha256 -hmac key}. */
  @Test
  void theSignatureIsTheOneThatOthersMake() {
    assertThat(
            SasToken.sign(
                    "localhost/devices/d1",
                    "key".getBytes(StandardCharsets.UTF_8),
                    Instant.ofEpochSecond(1_900_000_000),
                    null)
                .signature())
        .isEqualTo("RI9K+5p2CssNhy8/NTZsfcUQ1A66K907trWpfivlYGs=");
  }

  @Test
  void whatIsNoTokenIsNone() {
    for (String text :
        new String[] {
          "",
          "key",
          "SharedAccessSignature",
          "SharedAccessSignature sr=a&sig=b",
          "SharedAccessSignature sr=a&sig=b&se=soon",
          "SharedAccessSignature sr=a&sig=%z&se=1"
        }) {
      assertThat(SasToken.parse(text)).isNull();
    }
  }
}
