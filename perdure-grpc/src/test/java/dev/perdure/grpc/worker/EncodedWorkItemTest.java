package dev.perdure.grpc.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import dev.perdure.api.Payload;
import dev.perdure.api.TraceContext;
import dev.perdure.engine.activity.ActivityWork;
import dev.perdure.grpc.history.WireValues;
import dev.perdure.grpc.protocol.ActivityRequest;
import dev.perdure.grpc.protocol.EntityRequest;
import dev.perdure.grpc.protocol.HealthPing;
import dev.perdure.grpc.protocol.HistoryEvent;
import dev.perdure.grpc.protocol.OrchestrationInstance;
import dev.perdure.grpc.protocol.OrchestratorRequest;
import dev.perdure.grpc.protocol.WorkItem;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedWorkItemTest {
  private static final ActivityWork.Call PLAIN =
      new ActivityWork.Call(null, Map.of(), null, "0123456789abcdef", "1.0", true);

  private static final ActivityWork.Caller CALLER = new ActivityWork.Caller() {};

  private static ActivityWork work(
      String instanceId, int taskId, String name, @Nullable Payload input, ActivityWork.Call call) {
    return new ActivityWork(
        3, instanceId, "e", taskId, taskId, 1, name, input, false, call, CALLER);
  }

  private static ActivityRequest.Builder request(
      String instanceId, int taskId, String name, @Nullable Payload input) {
    ActivityRequest.Builder request =
        ActivityRequest.newBuilder()
            .setName(name)
            .setTaskId(taskId)
            .setOrchestrationInstance(
                OrchestrationInstance.newBuilder()
                    .setInstanceId(instanceId)
                    .setExecutionId(StringValue.of("0123456789abcdef")));
    if (input != null) {
      request.setInput(WireValues.text(input));
    }
    return request;
  }

  private static WorkItem item(ActivityRequest.Builder request) {
    return WorkItem.newBuilder().setActivityRequest(request).setCompletionToken("t-1").build();
  }

  private static WorkItem sent(WorkRequest request) throws IOException {
    return WorkItem.parseFrom(
        EncodedWorkItem.MARSHALLER.stream(EncodedWorkItem.of(request, "t-1")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 16_383, 16_384, Integer.MAX_VALUE, -1})
  void anActivityIsWhatTheGeneratedCodeWouldSend(int taskId) throws IOException {
    Payload input = Payload.of("\"Tōkyō 東京 🗼\"");
    assertThat(sent(new WorkRequest.Activity(work("i-1", taskId, "say_hello", input, PLAIN))))
        .isEqualTo(item(request("i-1", taskId, "say_hello", input)));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 40, 41, 60, 61, 62, 63, 100, 126, 127, 128, 129, 16_300, 16_384, 70_000})
  void lengthsAreOfAnySize(int length) throws IOException {
    String text = "x".repeat(length);
    Payload input = Payload.of(text);
    assertThat(sent(new WorkRequest.Activity(work("i" + text, 5, "n" + text, input, PLAIN))))
        .isEqualTo(item(request("i" + text, 5, "n" + text, input)));
  }

  @Test
  void noInputIsNotTheSameAsAnEmptyOne() throws IOException {
    assertThat(
            sent(new WorkRequest.Activity(work("i", 1, "a", null, PLAIN)))
                .getActivityRequest()
                .hasInput())
        .isFalse();
    assertThat(
            sent(new WorkRequest.Activity(work("i", 1, "a", Payload.EMPTY, PLAIN)))
                .getActivityRequest()
                .hasInput())
        .isTrue();
  }

  @Test
  void versionTagsAndTraceGoWithAnActivity() throws IOException {
    TraceContext trace =
        new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
    Map<String, String> tags = Map.of("team", "blue", "cost", "");
    assertThat(
            sent(
                new WorkRequest.Activity(
                    work(
                        "i",
                        1,
                        "a",
                        null,
                        new ActivityWork.Call("2.1", tags, trace, "0123456789abcdef", "1", true)))))
        .isEqualTo(
            item(
                request("i", 1, "a", null)
                    .setVersion(StringValue.of("2.1"))
                    .putAllTags(tags)
                    .setParentTraceContext(WireValues.trace(trace))));
  }

  @Test
  void noVersionIsNotTheSameAsAnEmptyOne() throws IOException {
    ActivityWork.Call unversioned =
        new ActivityWork.Call("", Map.of(), null, "0123456789abcdef", "1.0", true);
    assertThat(sent(new WorkRequest.Activity(work("i", 1, "a", null, unversioned))))
        .isEqualTo(item(request("i", 1, "a", null).setVersion(StringValue.of(""))));
    assertThat(sent(new WorkRequest.Activity(work("i", 1, "a", null, PLAIN))))
        .isEqualTo(item(request("i", 1, "a", null)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 1_000})
  void aStepIsItsPartsOneAfterTheOther(int events) throws IOException {
    OrchestratorRequest.Builder past = OrchestratorRequest.newBuilder();
    for (int i = 0; i < events; i++) {
      past.addPastEvents(HistoryEvent.newBuilder().setEventId(i));
    }
    OrchestratorRequest head = OrchestratorRequest.newBuilder().setInstanceId("i").build();
    OrchestratorRequest due =
        OrchestratorRequest.newBuilder()
            .addNewEvents(HistoryEvent.newBuilder().setEventId(-1))
            .build();
    WorkRequest.Step step =
        new WorkRequest.Step(head.toByteString(), past.build().toByteString(), due.toByteString());
    OrchestratorRequest whole = head.toBuilder().mergeFrom(past.build()).mergeFrom(due).build();
    assertThat(sent(step))
        .isEqualTo(
            WorkItem.newBuilder().setOrchestratorRequest(whole).setCompletionToken("t-1").build());
    assertThat(OrchestratorRequest.parseFrom(step.encoded())).isEqualTo(whole);
  }

  @Test
  void operationsOfAnEntityAreSentAsTheyAre() throws IOException {
    EntityRequest request = EntityRequest.newBuilder().setInstanceId("@counter@a").build();
    WorkItem item = WorkItem.newBuilder().setEntityRequestV2(request).build();
    assertThat(sent(new WorkRequest.Operations(item)))
        .isEqualTo(item.toBuilder().setCompletionToken("t-1").build());
  }

  @Test
  void aSignOfLifeHasNoToken() throws IOException {
    assertThat(WorkItem.parseFrom(EncodedWorkItem.MARSHALLER.stream(EncodedWorkItem.PING)))
        .isEqualTo(WorkItem.newBuilder().setHealthPing(HealthPing.getDefaultInstance()).build());
  }

  @Test
  void theTransportIsToldTheLengthAndGetsAsMuch() throws IOException {
    EncodedWorkItem item =
        EncodedWorkItem.of(
            new WorkRequest.Step(
                ByteString.copyFromUtf8("head"),
                ByteString.copyFromUtf8("past").concat(ByteString.copyFromUtf8("x".repeat(5_000))),
                ByteString.copyFromUtf8("events")),
            "token");
    byte[] read = EncodedWorkItem.MARSHALLER.stream(item).readAllBytes();

    InputStream stream = EncodedWorkItem.MARSHALLER.stream(item);
    assertThat(stream).isInstanceOf(KnownLength.class);
    assertThat(stream.available()).isEqualTo(read.length);
    ByteArrayOutputStream drained = new ByteArrayOutputStream();
    assertThat(((Drainable) stream).drainTo(drained)).isEqualTo(read.length);
    assertThat(drained.toByteArray()).isEqualTo(read);
    assertThat(stream.available()).isZero();
    assertThat(stream.read()).isEqualTo(-1);

    InputStream partly = EncodedWorkItem.MARSHALLER.stream(item);
    assertThat(partly.read()).isEqualTo(read[0]);
    assertThat(partly.available()).isEqualTo(read.length - 1);
    assertThat(((Drainable) partly).drainTo(drained)).isEqualTo(read.length - 1);

    assertThat(
            EncodedWorkItem.MARSHALLER.stream(
                    EncodedWorkItem.MARSHALLER.parse(EncodedWorkItem.MARSHALLER.stream(item)))
                .readAllBytes())
        .isEqualTo(read);
  }
}
