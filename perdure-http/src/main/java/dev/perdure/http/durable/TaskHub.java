package dev.perdure.http.durable;

import dev.perdure.engine.Engine;

/**
 * A task hub that is open.
 *
 * @param name how callers name it
 * @param engine what runs it
 * @param functions which functions there are
 */
public record TaskHub(String name, Engine engine, KnownFunctions functions) {}
