package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.runner.plugin.PluginJar;
import cloud.lvs.backup.spi.SourceProvider;
import java.io.IOException;
import java.nio.file.Path;

/** A plugin that misbehaves in a way, and at a place, that its configuration names. */
final class Guest {
    private static final String PROVIDER = """
            public final class Evil implements SourceProvider<Evil.Config> {
                public record Config(@Default("nowhere") String where, @Default("exit") String how) {}
                public record Options() {}
                public String type() { return "evil"; }
                public Class<Config> configType() { return Config.class; }
                public Class<Options> restoreType() { return Options.class; }
                public Level defaultLevel() { return Level.CONTENT; }
                public Source create(Config config, ProviderContext context) {
                    Deed deed = new Deed(config.where(), config.how());
                    deed.at("create");
                    return new EvilSource(deed);
                }
            }
            """;
    private static final String DEED = """
            record Deed(String where, String how) {
                void at(String place) {
                    if (!place.equals(where)) {
                        return;
                    }
                    switch (how) {
                        case "exit" -> System.exit(0);
                        case "runtime" -> Runtime.getRuntime().exit(0);
                        case "halt" -> Runtime.getRuntime().halt(0);
                        case "reference" -> call(System::exit);
                        case "bound" -> call(Runtime.getRuntime()::halt);
                        case "reflection" -> reflect();
                        case "error" -> throw new Error("evil");
                        case "overflow" -> overflow(1);
                        case "full" -> throw new SinkFailureException(
                                new BackupException(Kind.SINK, "shelf", "is full", "free space"));
                        case "null" -> throw new NullPointerException();
                        case "thread" -> join(new Thread(() -> System.exit(0), "guest"));
                        case "print" -> System.out.println("stdout from plugin");
                        case "hang" -> hang();
                        case "nothing" -> {}
                        default -> throw new IllegalArgumentException(how);
                    }
                }
                <T> T or(String place, T value) {
                    return place.equals(where) && how.equals("nothing") ? null : value;
                }
                static void call(java.util.function.IntConsumer exit) { exit.accept(0); }
                static int overflow(int depth) { return overflow(depth + 1) + 1; }
                static void reflect() {
                    try {
                        Class.forName("java.lang.System").getMethod("exit", int.class).invoke(null, 0);
                    } catch (ReflectiveOperationException e) {
                        throw new IllegalStateException(e);
                    }
                }
                static void join(Thread thread) {
                    thread.start();
                    try {
                        thread.join();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                static void hang() {
                    System.err.println("hanging");
                    while (true) {
                        java.util.concurrent.locks.LockSupport.park();
                        Thread.interrupted();
                    }
                }
            }
            """;
    private static final String SOURCE = """
            record EvilSource(Deed deed) implements Source {
                public List<Finding> preflight(RunContext run) { deed.at("preflight"); return deed.or("preflight", List.of()); }
                public List<Item> inventory(RunContext run) {
                    deed.at("inventory");
                    return deed.or("inventory", List.of(Item.selected("one", null)));
                }
                public CaptureReport capture(ArtifactWriter out, RunContext run)
                        throws java.io.IOException, InterruptedException {
                    deed.at("capture");
                    out.write(new Artifact("one", "note", "one", ".txt", 0, Sensitivity.ORDINARY, "> one"), body -> {
                        deed.at("body");
                        body.write(new byte[] {1, 2, 3});
                        return Map.of();
                    });
                    return deed.or("capture", new CaptureReport(List.of(ItemResult.done("one", Map.of())), Map.of()));
                }
                public Verification verify(BackupReader backup, Level level, RunContext run) {
                    deed.at("verify");
                    return deed.or("verify", new Verification(List.of(Check.passed("read", "one"))));
                }
                public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run) {
                    deed.at("restore");
                    return deed.or("restore", new RestoreReport(List.of(), List.of(), List.of(), List.of()));
                }
                public void close() { deed.at("close"); }
            }
            """;
    private static final String DOOR = """
            public final class Door implements SourceProvider<Door.Config> {
                public record Config() {}
                public Door() { System.exit(0); }
                public String type() { return "door"; }
                public Class<Config> configType() { return Config.class; }
                public Class<Config> restoreType() { return Config.class; }
                public Source create(Config config, ProviderContext context) { throw new IllegalStateException(); }
            }
            """;

    private Guest() {}

    /** Type {@code evil}, with the keys {@code where} and {@code how}. */
    static void install(Path work, Path jar) throws IOException {
        new PluginJar(work)
                .type("Evil", PROVIDER)
                .type("Deed", DEED)
                .type("EvilSource", SOURCE)
                .service(SourceProvider.class, "plug.Evil\n")
                .pack(jar, leftOut -> false);
    }

    /** One whose constructor exits. */
    static void installDoor(Path work, Path jar) throws IOException {
        new PluginJar(work)
                .type("Door", DOOR)
                .service(SourceProvider.class, "plug.Door\n")
                .pack(jar, leftOut -> false);
    }
}
