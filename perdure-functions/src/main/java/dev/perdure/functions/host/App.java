package dev.perdure.functions.host;

import dev.perdure.functions.definition.AppDefinition;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;

/**
 * An app that has been found and read. Immutable.
 *
 * @param name what it is called
 * @param definition its functions
 * @param loader loads its classes
 * @param settings its settings
 * @param host what is in host.json
 */
public record App(
    String name,
    AppDefinition definition,
    ClassLoader loader,
    Settings settings,
    HostSettings host) {}
