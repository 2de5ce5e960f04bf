package cloud.lvs.backup.examples.benchmark;

import cloud.lvs.backup.core.LibraryContext;

import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkProvider;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.zip.CRC32C;

/** Standard input into an object by way of the sink, with a sum that tells whether all of it came. */
final class Upload {
    private Upload() {}

    /** Arguments: bucket, key, PEM file of the authority. The endpoint and the credentials come from the environment. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        S3SinkConfig config = S3SinkConfig.builder(arguments[0])
                .caCertificate(Path.of(arguments[2]))
                .build();
        LibraryContext context = new LibraryContext(Clock.systemUTC(), Path.of(System.getProperty("java.io.tmpdir")));
        CRC32C sum = new CRC32C();
        try (Sink sink = new S3SinkProvider().create(config, context);
                ObjectWriter writer = sink.create(new ObjectKey(arguments[1]), Map.of())) {
            byte[] buffer = new byte[64 * 1024];
            for (int n = System.in.read(buffer); n >= 0; n = System.in.read(buffer)) {
                sum.update(buffer, 0, n);
                writer.body().write(buffer, 0, n);
            }
            System.out.println(writer.commit().sizeBytes() + " " + sum.getValue());
        }
    }
}
