/**
 * Commands for operators. What they ask is a request to the HTTP API of Durable Functions, which a
 * running host answers over the network, and a hub that nobody has open in this process.
 */
@NullMarked
package dev.perdure.cli.operations;

import org.jspecify.annotations.NullMarked;
