/** Runs activities, so many at once and no more. */
@NullMarked
package dev.perdure.engine.activity;

import org.jspecify.annotations.NullMarked;
