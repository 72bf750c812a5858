/** What a host adds to the class loader of an app, so that its functions share a client. */
@NullMarked
package dev.perdure.functions.client;

import org.jspecify.annotations.NullMarked;
