package io.openme.benchmarks.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotTest {
    @Test
    void drawsEachColumnOverTime(@TempDir Path directory) throws IOException {
        Path data = directory.resolve("soak.csv");
        Path image = directory.resolve("soak.svg");
        Files.writeString(data, Soak.HEAD + "\n0,idle,10.0,100,18,13,40,0,20.0\n60,none,20.0,200,18,26,40,1,10.0\n");

        Plot.run(List.of(data.toString(), image.toString()));

        assertThat(Files.readString(image))
                // The heap: from half of the most to the most, over the whole width.
                .contains("points=\"70.0,105.0 970.0,30.0\"")
                .contains(">descriptors</text>", ">1 minutes</text>");
    }
}
