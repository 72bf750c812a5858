package dev.perdure.trigger.storage;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What hosts of one app have in common: under this id they remember in storage which blobs they
 * have seen, and share the work.
 */
final class HostId {
  private static final String SETTING = "AzureFunctionsWebHost:hostid";
  private static final int LENGTH_MAX = 32;
  private static final int HASH_LENGTH = 8;
  private static final Pattern VALID = Pattern.compile("[a-z0-9](?:-?[a-z0-9])*");

  private HostId() {}

  /**
   * The id of an app: what the setting AzureFunctionsWebHost__hostid says; else made of
   * WEBSITE_SITE_NAME; else of the directory in which the app is.
   *
   * @throws InvalidTriggerException if the setting is not an id
   */
  static String of(Settings settings) {
    String chosen = settings.get(SETTING);
    if (chosen != null && !chosen.isBlank()) {
      if (chosen.length() > LENGTH_MAX || !VALID.matcher(chosen).matches()) {
        throw new InvalidTriggerException(
            "The setting AzureFunctionsWebHost__hostid is '%s'; it has to be 1 to 32 lower-case letters, digits and single hyphens."
                .formatted(chosen));
      }
      return chosen;
    }
    String site = settings.get("WEBSITE_SITE_NAME");
    if (site != null && !simplified(site, LENGTH_MAX).isEmpty()) {
      return simplified(site, LENGTH_MAX);
    }
    String root = settings.get("AzureWebJobsScriptRoot");
    String path = root == null ? "" : root.replace('\\', '/').replaceFirst("/+$", "");
    String name =
        simplified(path.substring(path.lastIndexOf('/') + 1), LENGTH_MAX - HASH_LENGTH - 1);
    return (name.isEmpty() ? "app" : name) + "-" + hash(path).substring(0, HASH_LENGTH);
  }

  private static String simplified(String text, int most) {
    String simple =
        text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceFirst("^-", "");
    return simple.substring(0, Math.min(most, simple.length())).replaceFirst("-$", "");
  }

  /** A text as 64 hexadecimal digits. */
  static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
