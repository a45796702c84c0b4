package io.openme.cli.chaos;

import io.openme.spi.Opening;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The file of grants, read by its documented form; and what a bad disk does to it. */
final class StateOnDisk {
    private final Path file;
    private final Map<String, Integer> clients = new HashMap<>();

    StateOnDisk(Path directory, Path certificates, int count) throws IOException {
        file = directory.resolve("grants");
        for (int i = 0; i < count; i++) {
            try {
                byte[] encoded = ChaosDoorman.certificate(certificates.resolve("client" + i + ".crt"))
                        .getEncoded();
                clients.put(Base64.getEncoder().encodeToString(encoded), i);
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    long size() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** The grants in whole lines. */
    Set<Ledger.Key> grants() throws IOException {
        return Set.copyOf(lines().values());
    }

    private Map<String, Ledger.Key> lines() throws IOException {
        Map<String, Ledger.Key> grants = new HashMap<>();
        if (Files.exists(file)) {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n", -1)) {
                String[] words = line.split(" ", -1);
                Integer client = words.length == 10 && words[0].equals("g") ? clients.get(words[1]) : null;
                if (client != null) {
                    grants.put(line, new Ledger.Key(client, new Opening(InetAddress.getByName(words[2]), words[3])));
                }
            }
        }
        return grants;
    }

    /** Loses everything from this byte on; the grants that lost a line, though an older one may still be there. */
    Set<Ledger.Key> cut(long at) throws IOException {
        Map<String, Ledger.Key> before = lines();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(at);
        }
        before.keySet().removeAll(lines().keySet());
        return Set.copyOf(before.values());
    }
}
