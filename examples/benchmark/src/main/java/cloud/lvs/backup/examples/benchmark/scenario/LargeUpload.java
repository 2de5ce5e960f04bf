package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.format;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.mebibytes;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.median;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.sum;

import cloud.lvs.backup.examples.benchmark.fixture.BareUpload;
import cloud.lvs.backup.examples.benchmark.fixture.NullServer;
import cloud.lvs.backup.examples.benchmark.fixture.RandomData;
import cloud.lvs.backup.examples.benchmark.fixture.SinkUpload;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.DirectoryTrees;
import cloud.lvs.backup.examples.benchmark.measure.MeasuredCommand;
import cloud.lvs.backup.examples.benchmark.measure.Measurement;
import cloud.lvs.backup.examples.benchmark.measure.Numbers;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import cloud.lvs.backup.sink.s3.rgw.RadosGateway;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;

/** A large stream of unknown length over https: to a store that does nothing, and to a real one against other programs. */
public final class LargeUpload implements Scenario {
    private static final long FULL_SIZE = 2L << 30;
    private static final int NULL_ROUNDS = 3;
    private static final int GATEWAY_ROUNDS = 3;
    private static final String BUCKET = "bench";

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException {
        Path place = context.newDirectory("s3");
        long bytes = context.scale().of(FULL_SIZE);
        Path stream = RandomData.make(place.resolve("stream"), bytes);
        BenchmarkContext.say("made %s that cannot be compressed", mebibytes(bytes));
        toNothing(context, place, stream, bytes);
        if (RadosGateway.isRoot()) {
            toGateway(context, place, stream, bytes);
        } else {
            context.table().note("an upload to a Ceph object gateway", "not measured: only root may start one");
        }
        DirectoryTrees.remove(place);
    }

    /** What the environment tells a client of S3. */
    static Map<String, String> credentials(String id, String secret, String endpoint) {
        return Map.of("AWS_ACCESS_KEY_ID", id, "AWS_SECRET_ACCESS_KEY", secret, "AWS_ENDPOINT_URL", endpoint);
    }

    // Against a loop that does no more than has to be done

    private static void toNothing(BenchmarkContext context, Path place, Path stream, long bytes)
            throws IOException, InterruptedException {
        List<Measurement> ours = new ArrayList<>();
        List<Measurement> bare = new ArrayList<>();
        try (NullServer server = NullServer.start(place)) {
            String certificate = server.certificate().toString();
            MeasuredCommand upload = context.distribution()
                    .commandOf(SinkUpload.class, place, BUCKET, "stream", certificate)
                    .with(credentials("bench-id", "bench-secret", server.endpoint()))
                    .reading(stream);
            MeasuredCommand loop = context.distribution()
                    .commandOf(BareUpload.class, place, server.endpoint() + "/" + BUCKET + "/stream", certificate)
                    .reading(stream);
            for (int round = 0; round < NULL_ROUNDS; round++) {
                Measurement one = upload.run().expect(0);
                Measurement other = loop.run().expect(0);
                if (!one.out().equals(other.out()) || !one.out().startsWith(bytes + " ")) {
                    throw new IOException("sent other bytes: " + one.out() + " and " + other.out());
                }
                ours.add(one);
                bare.add(other);
            }
        }
        ResultTable table = context.table();
        String what = mebibytes(bytes) + " to a null server: ";
        double loopSeconds = medianSeconds(bare);
        double ratio = medianSeconds(ours) / loopSeconds;
        table.note(what + "a bare loop, median of " + NULL_ROUNDS, describe(bare, loopSeconds, bytes));
        table.add(
                what + "S3 sink, median of " + NULL_ROUNDS,
                describe(ours, ratio * loopSeconds, bytes) + ", " + Numbers.ratio(ratio),
                "ratio ≤ 1.15",
                ratio <= 1.15);
    }

    // Against other programs

    private static void toGateway(BenchmarkContext context, Path place, Path stream, long bytes)
            throws IOException, InterruptedException {
        BenchmarkContext.say("starting a Ceph object gateway ...");
        RadosGateway gateway = RadosGateway.shared();
        String endpoint = gateway.https().toString();
        String authority = gateway.certificateAuthority().toString();
        Map<String, String> who =
                credentials(gateway.keys().id(), gateway.keys().secret(), endpoint);
        List<Contender> contenders = List.of(
                new Contender(
                        "ours",
                        key -> context.distribution()
                                .commandOf(SinkUpload.class, place, BUCKET, key, authority)
                                .with(who)),
                new Contender(
                        "aws",
                        key -> MeasuredCommand.of(
                                        place,
                                        "aws",
                                        "s3",
                                        "cp",
                                        "-",
                                        "s3://" + BUCKET + "/" + key,
                                        "--only-show-errors",
                                        "--endpoint-url",
                                        endpoint,
                                        "--region",
                                        "us-east-1")
                                .with(who)
                                .with(Map.of(
                                        "AWS_CA_BUNDLE", authority,
                                        "AWS_CONFIG_FILE", "/dev/null",
                                        "AWS_SHARED_CREDENTIALS_FILE", "/dev/null",
                                        // Newer ones would send trailers, which this gateway refuses.
                                        "AWS_REQUEST_CHECKSUM_CALCULATION", "when_required",
                                        "AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required"))),
                new Contender(
                        "rclone",
                        key -> MeasuredCommand.of(
                                        place,
                                        "rclone",
                                        "rcat",
                                        ":s3:" + BUCKET + "/" + key,
                                        "--config",
                                        "/dev/null",
                                        "--s3-chunk-size",
                                        "16M",
                                        "--s3-no-check-bucket")
                                .with(who)
                                .with(Map.of(
                                        "RCLONE_S3_PROVIDER",
                                        "Ceph",
                                        "RCLONE_S3_ENV_AUTH",
                                        "true",
                                        "RCLONE_S3_ENDPOINT",
                                        endpoint,
                                        "RCLONE_CA_CERT",
                                        authority))));
        try (S3Client direct = connect(gateway)) {
            direct.createBucket(request -> request.bucket(BUCKET));
            // The first large object costs a new gateway seconds more than the next ones, whoever sends it.
            direct.putObject(request -> request.bucket(BUCKET).key("first"), stream);
            for (int round = 0; round < GATEWAY_ROUNDS; round++) {
                for (int turn = 0; turn < contenders.size(); turn++) {
                    Contender contender = contenders.get((round + turn) % contenders.size());
                    // Nothing is deleted in between: the gateway would be at it during the next upload.
                    String key = contender.name() + "-" + round;
                    contender
                            .rounds()
                            .add(contender
                                    .upload()
                                    .to(key)
                                    .reading(stream)
                                    .run()
                                    .expect(0));
                    requireWhole(direct, key, bytes);
                    BenchmarkContext.say(
                            "round %d: %s %.1f s",
                            round + 1,
                            contender.name(),
                            contender.rounds().get(round).seconds());
                }
            }
        }
        List<Measurement> ours = contenders.get(0).rounds();
        List<Measurement> aws = contenders.get(1).rounds();
        List<Measurement> rclone = contenders.get(2).rounds();
        String what = mebibytes(bytes) + " to Ceph RGW: ";
        ResultTable table = context.table();
        double oursSeconds = medianSeconds(ours);
        table.note(what + "S3 sink, median of " + GATEWAY_ROUNDS, describe(ours, oursSeconds, bytes));
        compare(table, what + "`aws s3 cp -` " + version(place, "aws", "--version"), oursSeconds, aws, bytes);
        compare(table, what + "`rclone rcat` " + version(place, "rclone", "version"), oursSeconds, rclone, bytes);
        long peak = peak(ours);
        table.add(
                what + "peak resident set of the S3 sink", mebibytes(peak), "≤ 256 MiB", peak <= Numbers.MEMORY_LIMIT);
    }

    /** A program that uploads a stream; they take turns at being the first. */
    private record Contender(String name, UploadTrial upload, List<Measurement> rounds) {
        Contender(String name, UploadTrial upload) {
            this(name, upload, new ArrayList<>());
        }
    }

    /** How a program is started that uploads its input to a key. */
    private interface UploadTrial {
        MeasuredCommand to(String key) throws IOException;
    }

    private static S3Client connect(RadosGateway gateway) {
        return S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .endpointOverride(URI.create(gateway.http().toString()))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        gateway.keys().id(), gateway.keys().secret())))
                .build();
    }

    private static void requireWhole(S3Client client, String key, long bytes) throws IOException {
        long stored =
                client.headObject(request -> request.bucket(BUCKET).key(key)).contentLength();
        if (stored != bytes) {
            throw new IOException(key + " has " + stored + " bytes of " + bytes);
        }
    }

    private static void compare(
            ResultTable table, String what, double oursSeconds, List<Measurement> theirs, long bytes) {
        double seconds = medianSeconds(theirs);
        double ratio = oursSeconds / seconds;
        table.add(
                what + ", median of " + GATEWAY_ROUNDS,
                describe(theirs, seconds, bytes) + "; S3 sink: " + Numbers.ratio(ratio),
                "ratio ≤ 1.0",
                ratio <= 1);
    }

    private static double medianSeconds(List<Measurement> rounds) {
        return median(rounds.stream().map(Measurement::seconds).toList());
    }

    private static long peak(List<Measurement> rounds) {
        return rounds.stream().mapToLong(Measurement::peakBytes).max().orElse(0);
    }

    private static String describe(List<Measurement> rounds, double seconds, long bytes) {
        return format(
                "%.1f s (%.0f MiB/s), %.1f s of processor time, %s",
                seconds,
                bytes / seconds / Numbers.MIB,
                sum(rounds.stream().map(Measurement::cpuSeconds).toList()) / rounds.size(),
                mebibytes(peak(rounds)));
    }

    /** The first number with dots in what a program says of itself. */
    private static String version(Path place, String... command) throws IOException, InterruptedException {
        String said = MeasuredCommand.of(place, command).run().expect(0).out();
        return said.replaceFirst("(?s)^.*?(\\d+(?:\\.\\d+)+).*$", "$1");
    }
}
