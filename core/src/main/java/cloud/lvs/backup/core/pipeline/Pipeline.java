package cloud.lvs.backup.core.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** To be replaced. */
public final class Pipeline {
    public List<String> codecs() {
        return List.of();
    }

    public String extension() {
        return "";
    }

    public OutputStream encode(OutputStream stored) throws IOException {
        return stored;
    }

    public InputStream decode(InputStream stored, List<String> codecs) throws IOException {
        return stored;
    }

    public String decodeCommand(List<String> codecs) {
        return "";
    }
}
