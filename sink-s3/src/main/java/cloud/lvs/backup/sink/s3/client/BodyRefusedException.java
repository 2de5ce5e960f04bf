package cloud.lvs.backup.sink.s3.client;

import java.io.IOException;

/**
 * The connection was cut while a large body was on its way, and none as large has got through before: most likely somebody
 * limits the size of requests and hangs up on those that are larger.
 */
final class BodyRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    BodyRefusedException(IOException cause) {
        super("the connection was cut while a large body was sent", cause);
    }
}
