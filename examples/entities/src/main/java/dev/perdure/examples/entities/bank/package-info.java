/** Accounts, and transfers between two of them under a lock, which survive SIGKILL. */
@NullMarked
package dev.perdure.examples.entities.bank;

import org.jspecify.annotations.NullMarked;
