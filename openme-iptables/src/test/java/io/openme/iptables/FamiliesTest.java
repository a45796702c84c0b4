package io.openme.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FamiliesTest {
    @TempDir
    private Path net = Path.of("");

    @Test
    void leavesIpv6OutOnlyWhereTheKernelSaysThatItHasNone() throws IOException {
        Files.createFile(net.resolve("dev"));

        assertThat(new Families(net).guarded()).containsExactly(Family.IPV4);
        Files.createFile(net.resolve("if_inet6"));
        assertThat(new Families(net).guarded()).containsExactly(Family.values());
    }

    @Test
    void guardsBothWhereItCantBeTold() throws IOException {
        assertThat(new Families(net).guarded()).containsExactly(Family.values());
        Path broken = Files.createSymbolicLink(net.resolve("broken"), net.resolve("nowhere"));
        assertThat(new Families(broken).guarded()).containsExactly(Family.values());
    }
}
