package dev.perdure.trigger.storage;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * That a blob waits for a function, as it is written into a queue. Immutable.
 *
 * @param function the id of the function
 * @param blobType such as {@code BlockBlob}
 * @param path the blob
 * @param etag its version, without quotes
 */
record BlobMessage(String function, String blobType, BlobPath path, String etag) {
  private static final String TYPE = "BlobTrigger";

  /** The text of the message. */
  String text() {
    JsonObject json = new JsonObject();
    json.addProperty("Type", TYPE);
    json.addProperty("FunctionId", function);
    json.addProperty("BlobType", blobType);
    json.addProperty("ContainerName", path.container());
    json.addProperty("BlobName", path.name());
    json.addProperty("ETag", "\"" + etag + "\"");
    return MessageEncoding.BASE64.encode(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Reads the text of a message; null if it is none of these. */
  static @Nullable BlobMessage parse(String text) {
    byte[] content = MessageEncoding.BASE64.decode(text);
    JsonObject json =
        content == null ? null : Json.object(new String(content, StandardCharsets.UTF_8));
    if (json == null) {
      return null;
    }
    String function = property(json, "FunctionId");
    String container = property(json, "ContainerName");
    String blob = property(json, "BlobName");
    String etag = property(json, "ETag");
    if (function == null || container == null || blob == null || etag == null) {
      return null;
    }
    String type = property(json, "BlobType");
    return new BlobMessage(
        function,
        type == null ? "BlockBlob" : type,
        new BlobPath(container, blob),
        etag.replace("\"", ""));
  }

  private static @Nullable String property(JsonObject json, String name) {
    JsonElement element = json.get(name);
    return element != null && element.isJsonPrimitive() ? element.getAsString() : null;
  }
}
