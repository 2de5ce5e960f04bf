package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.runner.cli.Host;
import cloud.lvs.backup.runner.cli.LvsBackup;
import cloud.lvs.backup.runner.output.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What README and docs show is right: every block is bound, parsed, compared or executed. */
class DocumentsTest {
    /** What other tests execute; see there. */
    private static final Set<String> EXECUTED = Set.of(
            RestoreByHandTest.README_ZSTD,
            RestoreByHandTest.README_GZIP,
            RestoreByHandTest.RUNBOOK,
            FirstSinkGoneTest.RESTORE,
            FirstSinkGoneTest.REBUILD,
            PlatformEndToEnd.BY_HAND,
            PlatformEndToEnd.ROLE,
            PlatformEndToEnd.GLOBALS,
            "check: executed, keys",
            "check: plugin configuration",
            PluginTemplateTest.CONFIGURATION);

    private static final Set<String> PROSE = Set.of("text");

    @TempDir
    Path directory;

    static Stream<Block> blocks() {
        return Block.all().stream();
    }

    static Stream<Block> configurations() {
        return blocks().filter(block -> block.language().equals("yaml")
                && !Set.of("check: kubernetes", PluginTemplateTest.CONFIGURATION)
                        .contains(block.mark()));
    }

    static Stream<Block> shells() {
        return blocks().filter(block -> block.language().equals("sh"));
    }

    static Stream<Block> cuts() {
        return blocks().filter(block -> !block.marked("from").isEmpty());
    }

    static Stream<Path> documents() {
        return Block.documents().stream();
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void everyBlockSaysHowItIsChecked(Block block) {
        if (PROSE.contains(block.language())) {
            return;
        }
        boolean known = EXECUTED.contains(block.mark())
                || !block.marked("from").isEmpty()
                || (block.language().equals("yaml")
                        && Set.of("check: configuration", "check: kubernetes", "")
                                .contains(block.mark()))
                || (block.language().equals("sh")
                        && Set.of("check: commands", "").contains(block.mark()));

        assertThat(known).as("%s is of a known language and mark", block).isTrue();
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void everyConfigurationIsBound(Block block) throws Exception {
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        for (Path plugin : Checkout.plugins()) {
            Files.copy(plugin, plugins.resolve(plugin.getFileName()));
        }
        Path file = directory.resolve("lvs.yaml");
        Files.writeString(file, block.text());

        Answer answer = execute("-c", file.toString(), "--plugins", plugins.toString(), "config", "validate");

        assertThat(answer.code).as("%s: %s", block, answer.err).isZero();
        assertThat(answer.err).as(block.toString()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void everyShellBlockIsSound(Block block) throws Exception {
        Program.Result syntax = new Program(directory, List.of("/bin/bash", "-n", "-c")).run(block.text());
        assertThat(syntax.err()).as(block.toString()).isEmpty();

        for (String line : block.text().replace("\\\n", " ").split("\n")) {
            List<String> words = words(line);
            if (!words.isEmpty() && words.get(0).equals("lvs-backup")) {
                assertParses(block, words.subList(1, words.size()));
            }
            if (!words.isEmpty() && words.get(0).equals("./build")) {
                assertThat(new Program(
                                        directory,
                                        List.of(Checkout.root().resolve("build").toString()))
                                .run("help")
                                .out())
                        .as(block.toString())
                        .contains("  " + words.get(1) + " ");
            }
        }
    }

    @Test
    void theContainerRunsACommandThatExists() {
        Block block = Block.marked("docs/operations.md", "check: kubernetes");
        Matcher command = Pattern.compile("command: \\[(.*)]").matcher(block.text());

        assertThat(command.find()).isTrue();
        List<String> words = List.of(command.group(1).split(", "));
        assertThat(words.get(0)).endsWith("/bin/lvs-backup");
        assertParses(block, words.subList(1, words.size()));
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void everyCutIsWhatItIsCutFrom(Block block) throws Exception {
        String[] from = block.marked("from").split(" ", 2);
        List<String> lines = Files.readAllLines(Checkout.root().resolve(from[0]));

        assertThat(block.text()).as(block.toString()).isEqualTo(cut(lines, from.length < 2 ? "" : from[1]));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyLinkLeadsSomewhere(Path document) throws Exception {
        Matcher link = Pattern.compile("]\\(([^)#:]*)(#[^)]*)?\\)").matcher(Files.readString(document));
        while (link.find()) {
            Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
            assertThat(target).as(document + " links to it").exists();
            if (link.group(2) != null) {
                assertThat(anchors(target))
                        .as("%s links to %s", document, target)
                        .contains(link.group(2));
            }
        }
    }

    @Test
    void theKeysOfTheSecurityPageAreMadeAsItSays() throws Exception {
        Block keys = Block.marked("docs/security.md", "check: executed, keys");

        Program.shell(directory).run(keys.text()).expect(0);

        assertThat(directory.resolve("identity.txt")).content().contains("AGE-SECRET-KEY-1");
        assertThat(directory.resolve("signing.pem")).content().contains("PRIVATE KEY");
        assertThat(directory.resolve("signing.pub")).content().contains("PUBLIC KEY");
    }

    /** {@code --help} ends the work of a command line once it is parsed. */
    private static void assertParses(Block block, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.add("--help");
        Answer answer = execute(all.toArray(String[]::new));
        assertThat(answer.code).as("%s: %s: %s", block, arguments, answer.err).isZero();
        assertThat(answer.out).as("%s: %s", block, arguments).startsWith("Usage: lvs-backup ");
    }

    private record Answer(int code, String out, String err) {}

    private static Answer execute(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = new LvsBackup(new Host(
                        Map.of("BACKUP_ROOT", "/var/backups"),
                        out,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        TestTime.machine(),
                        Progress.Screen.LOG,
                        null))
                .execute(arguments);
        return new Answer(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The words of a command, without its comment; quotes hold words together. */
    private static List<String> words(String line) {
        Matcher word = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)").matcher(line);
        List<String> words = new ArrayList<>();
        while (word.find()) {
            if (word.group().startsWith("#")) {
                break;
            }
            words.add(Stream.of(word.group(1), word.group(2), word.group(3))
                    .filter(each -> each != null)
                    .findFirst()
                    .orElseThrow());
        }
        return words;
    }

    private static String cut(List<String> lines, String what) {
        int begin = 0;
        int end = lines.size();
        if (what.startsWith("tag ")) {
            begin = indexOf(lines, "tag::" + what.substring(4) + "[]") + 1;
            end = indexOf(lines, "end::" + what.substring(4) + "[]");
        } else if (what.equals("class")) {
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("import ") || lines.get(i).startsWith("package ")) {
                    begin = i + 1;
                }
            }
        }
        List<String> kept = lines.subList(begin, end).stream()
                .filter(line -> !line.matches("\\s*(//|<!--) (tag|end)::.*"))
                .toList();
        int indent = kept.stream()
                .filter(line -> !line.isBlank())
                .mapToInt(line -> line.length() - line.stripLeading().length())
                .min()
                .orElse(0);
        return kept.stream()
                .map(line -> line.isBlank() ? "" : line.substring(indent))
                .collect(Collectors.joining("\n"))
                .strip();
    }

    private static int indexOf(List<String> lines, String tag) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(tag)) {
                return i;
            }
        }
        throw new AssertionError("there is no " + tag);
    }

    private static List<String> anchors(Path document) throws Exception {
        return Files.readAllLines(document).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> "#"
                        + line.replaceFirst("#+ ", "")
                                .toLowerCase(java.util.Locale.ROOT)
                                .replaceAll("[^a-z0-9_ -]", "")
                                .replace(' ', '-'))
                .toList();
    }
}
