package io.openme.cli.config;

import io.openme.spi.OpenmeException;
import java.util.List;

/** A configuration can't be used. The message has one line for each thing that is wrong. */
public class ConfigurationException extends OpenmeException {
    private static final long serialVersionUID = 1L;

    /** Something is wrong, or several things are. */
    public ConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
