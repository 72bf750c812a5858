/**
 * The embedded store: a directory, one process, no server.
 *
 * <p>A commit is one synced append to a log of our own ({@code log/}: {@link
 * dev.perdure.store.rocksdb.CommitLog}); the log is the truth. Checkpoint rows go to RocksDB
 * ({@code rows/}: {@link dev.perdure.store.rocksdb.RowTables}) without a write-ahead log: what a
 * crash takes from them, the log tells again. Only when RocksDB has flushed rows to disk is the log
 * that they cover freed. {@link dev.perdure.store.rocksdb.HubDirectory} guards the directory.
 */
@NullMarked
package dev.perdure.store.rocksdb;

import org.jspecify.annotations.NullMarked;
