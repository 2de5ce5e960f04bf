package cloud.lvs.backup.spi;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Produces the plain bytes of one artifact. */
@FunctionalInterface
public interface Body {
    /**
     * Writes everything to {@code out} and returns only if the producer succeeded (exit code, trailer seen): a normal
     * return is the promise that the bytes are whole. Does not close {@code out}.
     *
     * @return what was learnt on the way, e.g. {@code rows → 120}; stored in the manifest
     */
    Map<String, String> writeTo(OutputStream out) throws IOException, InterruptedException;
}
