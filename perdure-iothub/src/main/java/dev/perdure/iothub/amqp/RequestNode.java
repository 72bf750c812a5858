package dev.perdure.iothub.amqp;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.message.Message;
import org.jspecify.annotations.Nullable;

/** A node that answers requests: $cbs and $management. */
interface RequestNode {
  /**
   * What a request leads to.
   *
   * @param body null for none
   */
  record Answer(int status, String description, @Nullable String condition, @Nullable Object body) {
    static Answer of(int status, @Nullable Object body) {
      return new Answer(status, status == 202 ? "Accepted" : "OK", null, body);
    }

    static Answer of(Refusal refusal) {
      int status =
          switch (refusal.condition()) {
            case Refusal.NOT_FOUND -> 404;
            case Refusal.UNAUTHORIZED -> 401;
            default -> 400;
          };
      return new Answer(status, String.valueOf(refusal.getMessage()), refusal.condition(), null);
    }

    /** The answer as a message to who asked. */
    Message toMessage(Message request) {
      Map<String, Object> properties = new HashMap<>();
      properties.put("status-code", status);
      properties.put("status-description", description);
      if (condition != null) {
        properties.put("error-condition", condition);
      }
      Message answer = Proton.message();
      answer.setApplicationProperties(new ApplicationProperties(properties));
      answer.setCorrelationId(
          request.getMessageId() == null ? request.getCorrelationId() : request.getMessageId());
      answer.setAddress(request.getReplyTo());
      if (body != null) {
        answer.setBody(new AmqpValue(body));
      }
      return answer;
    }
  }

  Answer answer(Map<String, Object> properties, @Nullable Object body) throws Refusal;
}
