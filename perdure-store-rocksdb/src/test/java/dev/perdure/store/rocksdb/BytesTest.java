package dev.perdure.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void roomIsDoubledAsFarAsArraysGo() {
    assertThat(Bytes.grown(100, 101)).isEqualTo(200);
    assertThat(Bytes.grown(100, 500)).isEqualTo(500);
    assertThat(Bytes.grown(1 << 29, (1 << 29) + 1)).isEqualTo(1 << 30);
    assertThat(Bytes.grown(1 << 30, (1 << 30) + 1)).isEqualTo(Integer.MAX_VALUE - 8);
    assertThat(Bytes.grown(1_500_000_000, 1_500_000_001)).isEqualTo(Integer.MAX_VALUE - 8);
  }
}
