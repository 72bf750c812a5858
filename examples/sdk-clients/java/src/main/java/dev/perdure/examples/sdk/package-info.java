/** A program of the published Durable Task SDK for Java; a perdure server is its backend. */
@NullMarked
package dev.perdure.examples.sdk;

import org.jspecify.annotations.NullMarked;
