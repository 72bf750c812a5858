package dev.perdure.functions.host;

import dev.perdure.api.Payload;
import dev.perdure.http.Access;
import dev.perdure.http.Handler;
import dev.perdure.http.Headers;
import dev.perdure.http.Origin;
import dev.perdure.http.Request;
import dev.perdure.http.Response;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A page that lists functions, for those who may administer the host; for others it says only that
 * there is one.
 */
final class HomePage implements Handler {
  private final String app;
  private final List<HostedFunction> functions;
  private final Access access;
  private final boolean trustForwarded;

  HomePage(String app, List<HostedFunction> functions, Access access, boolean trustForwarded) {
    this.app = app;
    this.functions = List.copyOf(functions);
    this.access = access;
    this.trustForwarded = trustForwarded;
  }

  @Override
  public CompletionStage<Response> handle(Request request) {
    boolean isAdmin = access.refusal(request) == null;
    String page =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>%1$s</title></head>
        <body>
        <h1>%1$s</h1>
        %2$s</body>
        </html>
        """
            .formatted(
                isAdmin ? escape(app) : "Perdure",
                isAdmin
                    ? table(Origin.of(request, trustForwarded))
                    : "<p>The functions host is running.</p>\n");
    return CompletableFuture.completedFuture(
        new Response(
            200,
            Headers.of("Content-Type", "text/html; charset=utf-8")
                .with("Content-Security-Policy", "default-src 'none'")
                .with("Cache-Control", "no-store"),
            Payload.of(page)));
  }

  private String table(Origin origin) {
    if (functions.isEmpty()) {
      return "<p>The app has no functions.</p>\n";
    }
    StringBuilder rows = new StringBuilder("<table>\n");
    rows.append("<tr><th>Function</th><th>Trigger</th><th>State</th></tr>\n");
    for (HostedFunction function : functions) {
      rows.append(
          "<tr><td>%s</td><td>%s</td><td>%s</td></tr>%n"
              .formatted(
                  escape(function.name()), trigger(function, origin), escape(state(function))));
    }
    return rows.append("</table>\n").toString();
  }

  private static String trigger(HostedFunction function, Origin origin) {
    if (function.route() == null) {
      return escape(function.definition().trigger().type());
    }
    String address = escape(origin.address("/" + function.route().template()));
    return escape(String.join(", ", function.route().methods()))
        + (address.indexOf('{') < 0
            ? " <a href=\"%1$s\">%1$s</a>".formatted(address)
            : " " + address);
  }

  private static String state(HostedFunction function) {
    String state =
        switch (function.state()) {
          case READY -> "runs";
          case BY_HAND -> "by hand";
          case DISABLED -> "disabled";
          case BROKEN -> "does not run";
        };
    return function.notice() == null ? state : state + ": " + function.notice();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
