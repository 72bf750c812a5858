package dev.perdure.functions.settings;

/** A text names a setting that does not exist. */
public final class MissingSettingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Describes what is missing.
   *
   * @param name the setting
   * @param text where it is named
   */
  public MissingSettingException(String name, String text) {
    super(
        "'%s' names the setting '%s', which does not exist. Put it into local.settings.json (Values), .env or the environment."
            .formatted(text, name));
  }
}
