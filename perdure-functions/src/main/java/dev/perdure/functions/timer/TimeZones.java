package dev.perdure.functions.timer;

import dev.perdure.functions.settings.Settings;
import dev.perdure.functions.trigger.InvalidTriggerException;
import java.time.ZoneId;
import java.util.List;

/** Whose local time schedules are in. */
final class TimeZones {
  /** The settings that name it; the first that is set counts. */
  private static final List<String> SETTINGS = List.of("WEBSITE_TIME_ZONE", "TZ");

  private TimeZones() {}

  /**
   * The time zone that the settings name; UTC if none does.
   *
   * @throws InvalidTriggerException if it is unknown
   */
  static ZoneId of(Settings settings) {
    for (String setting : SETTINGS) {
      String name = settings.get(setting);
      if (name != null && !name.isBlank()) {
        return zone(setting, name.strip());
      }
    }
    return ZoneId.of("UTC");
  }

  /** Names only: offsets such as UTC+1 mean the opposite in a TZ variable. */
  private static ZoneId zone(String setting, String name) {
    if (!ZoneId.getAvailableZoneIds().contains(name)) {
      throw new InvalidTriggerException(
          ("The setting %s names the time zone '%s', which is unknown. Use a name of the IANA time"
                  + " zone database, such as Europe/Berlin, in the same upper and lower case.")
              .formatted(setting, name));
    }
    return ZoneId.of(name);
  }
}
