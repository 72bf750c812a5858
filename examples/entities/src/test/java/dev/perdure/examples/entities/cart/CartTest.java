package dev.perdure.examples.entities.cart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perdure.Perdure;
import dev.perdure.api.EntityId;
import dev.perdure.api.EntitySignal;
import dev.perdure.api.InstanceQuery;
import dev.perdure.api.OrchestrationMetadata;
import dev.perdure.api.PerdureClient;
import dev.perdure.examples.entities.Ask;
import dev.perdure.testing.LivenessAudit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CartTest {
  private static final EntityId ADA = EntityId.of(Cart.class, "ada");
  private static final EntityId GRACE = EntityId.of(Cart.class, Orders.CUSTOMER_WITHOUT_MONEY);

  private final Perdure perdure = CartExample.register(Perdure.inMemory()).start();
  private final PerdureClient client = perdure.client();

  @AfterEach
  void close() {
    try (perdure) {
      LivenessAudit.check(client);
    }
  }

  @Test
  void whatIsPutInTwiceIsOneLine() throws Exception {
    client.signalEntity(ADA, "put", new Cart.Item("tea", 2, 500));
    client.signalEntity(ADA, "put", new Cart.Item("pot", 1, 4200));
    client.signalEntity(ADA, "put", new Cart.Item("tea", 3, 450));
    client.signalEntity(ADA, "remove", "pot");

    assertThat(waitFor(ADA, new Cart(0, Map.of("tea", new Cart.Line(5, 450))))).isNotNull();
  }

  @Test
  void checkingOutManyTimesMakesOneOrder() throws Exception {
    client.signalEntity(ADA, "put", new Cart.Item("tea", 2, 500));
    client.signalEntities(Collections.nCopies(50, EntitySignal.of(ADA, "checkOut")));
    client.signalEntity(ADA, "put", new Cart.Item("last", 1, 1));

    OrchestrationMetadata order = Ask.endOfOneToCome(client, "order-ada-1");

    assertThat(order.output(String.class))
        .isEqualTo("paid, on its way as parcel order-ada-1 with 2 pieces");
    waitFor(ADA, new Cart(1, Map.of("last", new Cart.Line(1, 1))));
    assertThat(client.query(InstanceQuery.ALL.withIdPrefix("order-")).instances()).hasSize(1);
  }

  @Test
  void aCustomerOrdersAgain() throws Exception {
    for (int order = 1; order <= 3; order++) {
      client.signalEntity(ADA, "put", new Cart.Item("tea", order, 500));
      client.signalEntity(ADA, "checkOut");
    }

    for (int order = 1; order <= 3; order++) {
      assertThat(Ask.endOfOneToCome(client, "order-ada-" + order).output(String.class))
          .endsWith("with %d pieces".formatted(order));
    }
  }

  @Test
  void thingsThatWereNotPaidForComeBackBesideWhatCameMeanwhile() throws Exception {
    client.signalEntities(
        List.of(
            EntitySignal.of(GRACE, "put", new Cart.Item("tea", 2, 500)),
            EntitySignal.of(GRACE, "checkOut"),
            EntitySignal.of(GRACE, "put", new Cart.Item("tea", 1, 500))));

    assertThat(Ask.endOfOneToCome(client, "order-grace-1").output(String.class))
        .isEqualTo("not paid (10.00 declined), back in the cart");
    waitFor(GRACE, new Cart(1, Map.of("tea", new Cart.Line(3, 500))));
  }

  private Cart waitFor(EntityId id, Cart wanted) throws InterruptedException {
    return Ask.until(
        id + " to be " + wanted, () -> CartExample.cart(client, id).filter(wanted::equals));
  }
}
