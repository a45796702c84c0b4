package io.openme.cli.demo;

import io.openme.spi.OpenmeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The guarded server: says welcome to whoever gets as far. */
final class Welcome implements AutoCloseable {
    private final ServerSocket listening;

    Welcome(InetSocketAddress address) {
        try {
            listening = new ServerSocket();
            listening.bind(address);
        } catch (IOException e) {
            throw new OpenmeException("the demo's server can't listen on " + address + ": " + e.getMessage(), e);
        }
        Thread thread = new Thread(this::serve, "openme-demo-server");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket guest = listening.accept()) {
                guest.getOutputStream().write("Welcome, friend.\n".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // A guest that went away, or the end of the demo.
            }
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            // The process ends soon.
        }
    }
}
