package dev.perdure.trigger.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.BindingName;
import com.microsoft.azure.functions.annotation.BlobInput;
import com.microsoft.azure.functions.annotation.BlobOutput;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.annotation.StorageAccount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs and outputs of blobs in a host, against a storage emulator. */
class BlobBindingsTest {
  /** A note. */
  public static class Note {
    public String text = "";
  }

  /** Writes and reads text. */
  public static class Texts {
    @FunctionName("Write")
    @StorageAccount("Account")
    public String write(
        @HttpTrigger(
                name = "request",
                methods = {HttpMethod.POST},
                route = "write/{*name}",
                authLevel = AuthorizationLevel.ANONYMOUS)
            HttpRequestMessage<String> request,
        @BlobOutput(name = "blob", path = "%CONTAINER%/{name}") OutputBinding<String> blob) {
      blob.setValue(request.getBody());
      return "written";
    }

    @FunctionName("Read")
    @StorageAccount("Account")
    public String read(
        @HttpTrigger(
                name = "request",
                methods = {HttpMethod.POST},
                route = "read/{*name}",
                authLevel = AuthorizationLevel.ANONYMOUS)
            HttpRequestMessage<Optional<String>> request,
        @BindingName("name") String name,
        @BlobInput(name = "text", path = "%CONTAINER%/{name}") String text,
        @BlobInput(name = "maybe", path = "%CONTAINER%/{name}") Optional<String> maybe) {
      return name + ": " + text + ", " + maybe.map(String::length);
    }
  }

  /** Writes and reads bytes and objects. */
  public static class Others {
    @FunctionName("WriteOthers")
    @StorageAccount("Account")
    public String write(
        @HttpTrigger(
                name = "request",
                methods = {HttpMethod.POST},
                route = "others",
                authLevel = AuthorizationLevel.ANONYMOUS)
            HttpRequestMessage<Note> request,
        @BlobOutput(name = "bytes", path = "%CONTAINER%/bytes") OutputBinding<byte[]> bytes,
        @BlobOutput(name = "note", path = "%CONTAINER%/{text}.json") OutputBinding<Note> note,
        @BlobOutput(name = "list", path = "%CONTAINER%/list") OutputBinding<List<String>> list) {
      bytes.setValue(new byte[] {0, -1, -2});
      note.setValue(request.getBody());
      list.setValue(List.of("a", "b"));
      return "written";
    }

    @FunctionName("ReadOthers")
    @StorageAccount("Account")
    public String read(
        @HttpTrigger(
                name = "request",
                methods = {HttpMethod.POST},
                route = "others-read",
                authLevel = AuthorizationLevel.ANONYMOUS)
            HttpRequestMessage<Optional<String>> request,
        @BlobInput(name = "bytes", path = "%CONTAINER%/bytes", dataType = "binary") byte[] bytes,
        @BlobInput(name = "plain", path = "%CONTAINER%/bytes") byte[] plain,
        @BlobInput(name = "note", path = "%CONTAINER%/hello.json") Note note,
        @BlobInput(name = "list", path = "%CONTAINER%/list") List<String> list) {
      Base64.Encoder base64 = Base64.getEncoder();
      return String.join(
          "|", base64.encodeToString(bytes), base64.encodeToString(plain), note.text, "" + list);
    }
  }

  /** Writes where the caller says. */
  public static class Anywhere {
    @FunctionName("Anywhere")
    public String write(
        @HttpTrigger(
                name = "request",
                methods = {HttpMethod.POST},
                route = "anywhere",
                authLevel = AuthorizationLevel.ANONYMOUS)
            HttpRequestMessage<Map<String, String>> request,
        @BlobOutput(name = "blob", path = "{container}/{blob}", connection = "Account")
            OutputBinding<String> blob) {
      blob.setValue("x");
      return "written";
    }
  }

  @TempDir Path home;
  private final String container = Azurite.unique("notes");
  private Azurite azurite;

  @BeforeEach
  void begin() {
    azurite = Azurite.running();
  }

  private TestHost host(Class<?>... functions) {
    return TestHost.start(
        home, Map.of("Account", azurite.connectionString(), "CONTAINER", container), functions);
  }

  private String text(String name) throws Exception {
    return azurite
        .blobs()
        .read(new BlobPath(container, name), null)
        .map(blob -> new String(blob.bytes(), StandardCharsets.UTF_8))
        .orElse(null);
  }

  @Test
  void anOutputMakesItsContainerAndReplacesTheBlob() throws Exception {
    try (TestHost host = host(Texts.class)) {
      assertThat(host.post("/api/write/a/b.txt", "first, and longer").body()).isEqualTo("written");
      assertThat(host.post("/api/write/a/b.txt", "second ☃").body()).isEqualTo("written");

      assertThat(text("a/b.txt")).isEqualTo("second ☃");
      assertThat(
              azurite.blobs().info(new BlobPath(container, "a/b.txt")).orElseThrow().contentType())
          .isEqualTo("text/plain; charset=utf-8");
    }
  }

  @Test
  void anInputIsTheContentOrNothingIfThereIsNone() {
    try (TestHost host = host(Texts.class)) {
      assertThat(host.post("/api/read/none", "").body())
          .as("neither the container nor the blob is there")
          .isEqualTo("none: null, Optional.empty");
      assertThat(host.post("/api/write/some", "hello").body()).isEqualTo("written");

      assertThat(host.post("/api/read/some", "").body()).isEqualTo("some: hello, Optional[5]");
      assertThat(host.post("/api/read/none", "").body()).isEqualTo("none: null, Optional.empty");
    }
  }

  @Test
  void bytesAndObjectsAreWrittenAndRead() throws Exception {
    try (TestHost host = host(Others.class)) {
      assertThat(host.post("/api/others", "{\"text\": \"hello\"}").body()).isEqualTo("written");

      assertThat(JsonParser.parseString(text("hello.json")))
          .isEqualTo(JsonParser.parseString("{\"text\": \"hello\"}"));
      assertThat(text("list")).isEqualTo("[\"a\",\"b\"]");
      assertThat(host.post("/api/others-read", "").body()).isEqualTo("AP/+|AP/+|hello|[a, b]");
    }
  }

  @Test
  void namesMayHaveAnyCharacters() throws Exception {
    for (String name :
        List.of(
            "100%.txt",
            "a+b c",
            "ä/☃ #1?x=y&z",
            "%41",
            "{x}",
            "..x",
            "a/../b",
            "a//b",
            "x/",
            "x.",
            " x ",
            "a/./c",
            "\u202Ex",
            "%2F")) {
      BlobPath path = new BlobPath(container, name);

      azurite.blobs().write(path, Content.text("of " + name));

      assertThat(text(name)).isEqualTo("of " + name);
      assertThat(azurite.blobs().list(container, name, null).orElseThrow().blobs())
          .extracting(Map.Entry::getKey)
          .contains(name);
    }
  }

  @Test
  void aNameThatNoContainerCanHaveFailsTheRunAndIsNotSentToTheServer() {
    try (TestHost host = host(Anywhere.class)) {
      assertThat(
              host.post("/api/anywhere", "{\"container\": \"No\", \"blob\": \"x\"}").statusCode())
          .isEqualTo(500);
      assertThat(
              host.post(
                      "/api/anywhere",
                      "{\"container\": \"%s\", \"blob\": \"x\"}".formatted(container))
                  .body())
          .isEqualTo("written");
    }
  }

  @Test
  void aBlobThatSomebodyHasLeasedIsNotWritten() throws Exception {
    BlobPath path = new BlobPath(container, "leased");
    azurite.blobs().write(path, Content.text("theirs"));
    assertThat(azurite.blobs().lease(path, 60)).isPresent();

    assertThatThrownBy(() -> azurite.blobs().write(path, Content.text("ours")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(
            "could not write the blob '%s': it answers 412 LeaseIdMissing".formatted(path));
    assertThat(text("leased")).isEqualTo("theirs");
  }

  @Test
  void aBigBlobIsWrittenAndRead() throws Exception {
    byte[] big = new byte[20 << 20];
    new java.util.Random(7).nextBytes(big);
    BlobPath path = new BlobPath(container, "big");

    azurite.blobs().write(path, new Content(big, Content.Kind.BINARY));

    assertThat(azurite.blobs().read(path, null).orElseThrow().bytes()).isEqualTo(big);
  }
}
