package io.openme.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * What the program takes from where it runs; tests give something else.
 *
 * @param terminal where a person can be asked
 * @param settings this user's directory with {@code ca.crt}, {@code client.crt} and {@code client.key}
 * @param state where doormen remember, each in a directory of its own
 * @param clock the present
 * @param timer makes what runs a trial's tasks in their time
 * @param sshConnection what {@code SSH_CONNECTION} says of the session that this is typed in
 */
record Host(
        Terminal terminal,
        Path settings,
        Path state,
        Clock clock,
        Supplier<ScheduledExecutorService> timer,
        Supplier<Optional<String>> sshConnection) {
    static Host here() {
        Map<String, String> environment = System.getenv();
        Path home = Path.of(System.getProperty("user.home", "."));
        String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path base = configured.startsWith("/") ? Path.of(configured) : home.resolve(".config");
        return new Host(
                Terminal.ofThisProcess(),
                base.resolve("openme"),
                StateDirectories.base(environment, StateDirectories.isRoot(), home),
                Clock.systemUTC(),
                Host::newTimer,
                SshSession::connection);
    }

    private static ScheduledExecutorService newTimer() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "openme-trial");
            thread.setDaemon(true);
            return thread;
        });
    }
}
