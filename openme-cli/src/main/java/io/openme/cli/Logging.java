package io.openme.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/** Logs single lines to the error output. Logback finds it as a service, so no configuration file is looked for. */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %msg";
    private static final String OURS = "io.openme";

    /** For logback. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext logging) {
        configure(logging, Level.WARN, false);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** From now on logs what a service's log should hold, unless it logs more already. */
    static void service() {
        if (!LoggerFactory.getLogger(OURS).isInfoEnabled()) {
            set(Level.INFO, false);
        }
    }

    /** From now on logs what is at least of this level, and stack traces where wanted. */
    static void set(Level level, boolean traces) {
        configure((LoggerContext) LoggerFactory.getILoggerFactory(), level, traces);
    }

    private static void configure(LoggerContext logging, Level level, boolean traces) {
        Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(logging);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(LINE + (traces ? " [%thread %logger{0}]%n%ex" : "%n%nopex"));
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(logging);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        root.addAppender(appender);
        root.setLevel(Level.WARN);
        logging.getLogger(OURS).setLevel(level);
    }
}
