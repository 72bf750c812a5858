package dev.perdure.engine.orchestrator;

import dev.perdure.api.DataConverter;
import dev.perdure.engine.functions.FunctionRegistry;
import java.time.InstantSource;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/**
 * What all sessions of an engine share.
 *
 * @param functions the registered functions
 * @param converter reads and writes payloads
 * @param clock stamps events; never shown to code
 * @param nanoTime measures how long steps take, in nanoseconds
 * @param payloadBytesMax bytes of one serialized value
 * @param openTasksMax tasks that one orchestration may have under way
 * @param instanceIdCharsMax characters of an instance id
 * @param threads makes the threads that code runs on
 */
public record SessionConfig(
    FunctionRegistry functions,
    DataConverter converter,
    InstantSource clock,
    LongSupplier nanoTime,
    int payloadBytesMax,
    int openTasksMax,
    int instanceIdCharsMax,
    ThreadFactory threads) {}
