package io.openme.internal.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How long the host has been up, which nobody can set: what is measured by it keeps its length while the doorman is dead,
 * even if the clock is set meanwhile. Linux tells; elsewhere there is only the clock.
 *
 * @param boot which start of the host this is
 * @param uptime since then
 */
public record HostUptime(String boot, Duration uptime) {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path UPTIME = Path.of("/proc/uptime");

    /** Of this host, now. */
    public static Optional<HostUptime> now() {
        try {
            String boot = Files.readString(BOOT, StandardCharsets.US_ASCII).strip();
            String seconds = Files.readString(UPTIME, StandardCharsets.US_ASCII).split(" ", 2)[0];
            return Optional.of(new HostUptime(boot, Duration.ofMillis((long) (Double.parseDouble(seconds) * 1000))));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
