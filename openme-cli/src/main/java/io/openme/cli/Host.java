package io.openme.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * What the program takes from where it runs; tests give something else.
 *
 * @param terminal where a person can be asked
 * @param settings this user's directory with {@code ca.crt}, {@code client.crt} and {@code client.key}
 * @param clock the present
 */
record Host(Terminal terminal, Path settings, Clock clock) {
    static Host here() {
        Map<String, String> environment = System.getenv();
        Path home = Path.of(System.getProperty("user.home", "."));
        String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path base = configured.startsWith("/") ? Path.of(configured) : home.resolve(".config");
        return new Host(Terminal.ofThisProcess(), base.resolve("openme"), Clock.systemUTC());
    }
}
