package dev.perdure.trigger.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.annotations.SerializedName;
import com.microsoft.azure.functions.OutputBinding;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.sql.annotation.SQLInput;
import com.microsoft.azure.functions.sql.annotation.SQLOutput;
import com.microsoft.azure.functions.sql.annotation.SQLTrigger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app with the annotations of Azure's library, in a whole host. */
class SqlAppTest extends PostgresTests {
  private static final BlockingQueue<String> SEEN = new LinkedBlockingQueue<>();

  @TempDir Path directory;

  /** A row. */
  public static class ToDo {
    /** The key. */
    public int id;

    /** What to do. */
    public String title;

    /** Whether it is done. */
    public Boolean completed;
  }

  /** What was done to a row. */
  public enum Operation {
    /** It is new. */
    @SerializedName("0")
    INSERT,
    /** It has other values. */
    @SerializedName("1")
    UPDATE,
    /** It is gone. */
    @SerializedName("2")
    DELETE
  }

  /** A change as apps write it, in the way of the reference's samples. */
  public static class ToDoChange {
    /** What was done. */
    public Operation Operation;

    /** The row. */
    public ToDo Item;
  }

  /** The app. */
  public static class Functions {
    /** Gets an array of its own type. */
    @FunctionName("OnArray")
    public void onArray(
        @SQLTrigger(
                name = "changes",
                tableName = "[dbo].[ToDo]",
                connectionStringSetting = "SqlConnectionString")
            ToDoChange[] changes) {
      for (ToDoChange change : changes) {
        SEEN.add("array " + change.Operation + " " + change.Item.id + " " + change.Item.title);
      }
    }

    /** Gets a list of its own type. */
    @FunctionName("OnList")
    public void onList(
        @SQLTrigger(
                name = "changes",
                tableName = "%TABLE%",
                connectionStringSetting = "SqlConnectionString")
            List<ToDoChange> changes) {
      for (ToDoChange change : changes) {
        SEEN.add("list " + change.Operation + " " + change.Item.id + " " + change.Item.completed);
      }
    }

    /** Gets the text. */
    @FunctionName("OnText")
    public void onText(
        @SQLTrigger(
                name = "changes",
                tableName = "dbo.ToDo",
                connectionStringSetting = "SqlConnectionString")
            String changes) {
      SEEN.add("text " + changes);
    }

    /** Reads and writes. */
    @FunctionName("Finish")
    public String finish(
        @HttpTrigger(name = "req", route = "finish/{id}") String body,
        @SQLInput(
                name = "found",
                commandText = "select * from todo where id = @Id",
                parameters = "@Id={id}",
                connectionStringSetting = "SqlConnectionString")
            ToDo[] found,
        @SQLOutput(
                name = "out",
                commandText = "[dbo].[ToDo]",
                connectionStringSetting = "SqlConnectionString")
            OutputBinding<ToDo> out) {
      found[0].completed = true;
      out.setValue(found[0]);
      return found[0].title;
    }
  }

  private static List<String> seen(int count) throws InterruptedException {
    java.util.ArrayList<String> seen = new java.util.ArrayList<>();
    for (int i = 0; i < count; i++) {
      seen.add(SEEN.poll(10, TimeUnit.SECONDS));
    }
    java.util.Collections.sort(seen);
    return seen;
  }

  @Test
  void functionsGetTheirOwnTypesAndReadAndWriteRows() throws Exception {
    server.execute("CREATE TABLE todo (id int PRIMARY KEY, title text, completed boolean)");
    try (SqlHost host =
            SqlHost.start(
                directory,
                Map.of("SqlConnectionString", server.connectionString(), "TABLE", "todo"),
                Functions.class);
        HttpClient client = HttpClient.newHttpClient()) {
      server.execute("INSERT INTO todo VALUES (1, 'tea', false)");
      assertThat(seen(3))
          .containsExactly(
              "array INSERT 1 tea",
              "list INSERT 1 false",
              "text [{\"Operation\":0,\"Item\":{\"id\":1,\"title\":\"tea\",\"completed\":false}}]");

      String answer =
          client
              .send(
                  HttpRequest.newBuilder(
                          URI.create("http://localhost:%d/api/finish/1".formatted(host.httpPort())))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      assertThat(answer).isEqualTo("tea");
      assertThat(seen(3)).contains("array UPDATE 1 tea", "list UPDATE 1 true");

      server.execute("DELETE FROM todo");
      assertThat(seen(3)).contains("array DELETE 1 null", "list DELETE 1 null");
    }
  }
}
