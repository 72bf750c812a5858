package dev.perdure.functions.trigger;

import dev.perdure.api.PerdureClient;
import dev.perdure.functions.settings.HostSettings;
import dev.perdure.functions.settings.Settings;
import java.time.InstantSource;

/**
 * What triggers find in the host.
 *
 * @param settings the settings of the app
 * @param host what is in host.json
 * @param clock the time
 * @param hub the task hub of the app, also for what a trigger has to remember
 */
public record TriggerEnvironment(
    Settings settings, HostSettings host, InstantSource clock, PerdureClient hub) {}
