package dev.perdure.iothub.amqp;

import org.apache.qpid.proton.engine.Delivery;

/** What takes transfers of a link and settles them. */
interface TransferTarget {
  /** The link is open: gives the other side credit. */
  void start();

  /** Takes a transfer that has come completely. */
  void onTransfer(Delivery delivery, byte[] bytes);
}
