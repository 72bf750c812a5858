package dev.perdure.iothub;

import dev.perdure.iothub.device.Policy;
import dev.perdure.iothub.device.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The key for the whole hub: given, known to everybody, or made up once and kept. */
final class PolicyKeys {
  private static final String FILE = "policy.key";
  private static final int KEY_BYTES = 32;

  private PolicyKeys() {}

  /** The policy that options ask for. The directory has to exist and be locked. */
  static Policy policy(IotHubOptions options) {
    String key = options.access().policyKey();
    if (key == null) {
      key = options.areTokensChecked() ? kept(options.directory()) : IotHubOptions.EMULATOR_KEY;
    }
    return new Policy(options.access().policyName(), key);
  }

  /** The key that was made up for a directory, or null if none was. */
  static @Nullable String known(Path directory) {
    try {
      return Files.readString(directory.resolve(FILE)).strip();
    } catch (IOException e) {
      return null;
    }
  }

  private static String kept(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      if (Files.exists(file)) {
        String key = Files.readString(file).strip();
        if (!key.isEmpty()) {
          return key;
        }
      }
      byte[] bytes = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(bytes);
      String key = Base64.getEncoder().encodeToString(bytes);
      SecretFile.replace(file, key + "\n");
      return key;
    } catch (IOException e) {
      throw new IotHubException(
          "The key in %s cannot be read or made: %s. Look at the directory's permissions."
              .formatted(file, e),
          e);
    }
  }
}
