/**
 * Entities: the state machine of one entity, its stored form, and how its operations are run.
 *
 * <p>{@link dev.perdure.engine.entity.EntityState} changes by events only, live and in recovery.
 */
@NullMarked
package dev.perdure.engine.entity;

import org.jspecify.annotations.NullMarked;
