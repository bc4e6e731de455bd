/** Tests of the launcher, which itself is Java 8 and knows no annotations for null. */
package dev.quipu.launch;
