/** What it costs, measured: the pure parts by JMH, the firewall end to end in network namespaces. */
@NullMarked
package io.openme.benchmarks;

import org.jspecify.annotations.NullMarked;
