package dev.perdure.api;

/**
 * Marks exceptions after which trying again makes no sense. A retry policy gives up at once when an
 * activity or a sub-orchestration fails with one, without asking its handler.
 */
public interface NonRetriable {}
