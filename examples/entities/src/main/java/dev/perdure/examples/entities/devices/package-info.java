/** Devices that report to an entity each, which report to an entity that adds up. */
@NullMarked
package dev.perdure.examples.entities.devices;

import org.jspecify.annotations.NullMarked;
